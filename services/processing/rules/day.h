/* Calendar days in the time zones of users: what daily quests count by. */
#ifndef QL_PROCESSING_RULES_DAY_H
#define QL_PROCESSING_RULES_DAY_H

#include <stdbool.h>
#include <stdint.h>

enum { DAY_ZONE_SIZE = 65 }; /* the name of a zone and its NUL */

/* The zones seen so far; they belong to one thread. */
struct day_zones;

struct day_zones *day_zones_new(void);          /* NULL without memory */
void day_zones_free(struct day_zones *zones);   /* NULL is fine */
void day_zones_freep(struct day_zones **zones); /* for QL_CLEANUP */

/* The calendar day of a moment, counted from 1970-01-01, by the clocks of the
 * zone, an IANA name ("Europe/Berlin"). A name that is empty or not known here
 * stands for UTC, and so does NULL for zones. */
int32_t day_of(struct day_zones *zones, const char *zone, int64_t unix_ms);

/* The calendar day before that one: the day that the zone's clocks showed before
 * this one began, which is two numbers lower where a zone has jumped a day. */
int32_t day_before(struct day_zones *zones, const char *zone, int64_t unix_ms);

/* Reads a time, "2026-12-02T00:00:00Z", in milliseconds since 1970; false for what is
 * none. */
bool day_time_read(const char *text, int64_t *ret_unix_ms);

#endif
