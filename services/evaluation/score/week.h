/* ISO 8601 weeks in UTC: Monday to Sunday, of the year that has their Thursday. So
 * 2027-01-03 is in 2026-W53. */
#ifndef QL_EVALUATION_WEEK_H
#define QL_EVALUATION_WEEK_H

#include <stdbool.h>
#include <stdint.h>

#include "platform/base/attributes.h"

enum { WEEK_SIZE = 9 /* "2026-W49" and the NUL */, WEEK_MS = 7 * 24 * 3600 * 1000 };

/* The week of an instant in the years 1970 to 9999. */
void week_of(int64_t unix_ms, char ret_week[WEEK_SIZE]);

/* Its first millisecond; WEEK_MS later the next week begins. False for a text that names no
 * week, "2026-W54" for example. */
bool week_start(const char *week, int64_t *ret_unix_ms) QL_MUST_CHECK;

#endif
