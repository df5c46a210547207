/* Calendar days, by GLib's reading of the system's time zone data: libc has one
 * zone for the process. A name is looked up once and then remembered. */
#include "services/processing/rules/day.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <glib.h>

enum {
    ZONES_MAX = 1024, /* all names there are, and as many mistaken ones */
    DAY_HOURS_MAX = 30,
};

static const int64_t hour_ms = 3600 * 1000, day_ms = 24 * 3600 * 1000;

struct known_zone {
    char name[DAY_ZONE_SIZE];
    GTimeZone *zone; /* NULL: UTC */
};

struct day_zones {
    struct known_zone known[ZONES_MAX]; /* open addressing */
    size_t n_known;
};

struct day_zones *day_zones_new(void)
{
    return calloc(1, sizeof(struct day_zones));
}

static void forget_zones(struct day_zones *zones)
{
    for (size_t i = 0; i < ZONES_MAX; i++)
        if (zones->known[i].zone != NULL)
            g_time_zone_unref(zones->known[i].zone);
    memset(zones, 0, sizeof(*zones));
}

void day_zones_free(struct day_zones *zones)
{
    if (zones == NULL)
        return;
    forget_zones(zones);
    free(zones);
}

void day_zones_freep(struct day_zones **zones)
{
    day_zones_free(*zones);
    *zones = NULL;
}

/* A path within the zone data, and none of the names there that mean this
 * machine's own zone. */
static bool is_name(const char *name)
{
    if (!isalpha((unsigned char)name[0]) || strlen(name) >= DAY_ZONE_SIZE)
        return false;
    for (const char *at = name; *at != '\0'; at++)
        if (!isalnum((unsigned char)*at) && strchr("_+-/", *at) == NULL)
            return false;
    return strcmp(name, "localtime") != 0 && strcmp(name, "posixrules") != 0;
}

static struct known_zone *bucket_of(struct day_zones *zones, const char *name)
{
    size_t i = g_str_hash(name) % ZONES_MAX;

    while (zones->known[i].name[0] != '\0' && strcmp(zones->known[i].name, name) != 0)
        i = (i + 1) % ZONES_MAX;
    return &zones->known[i];
}

static GTimeZone *zone_of(struct day_zones *zones, const char *name)
{
    struct known_zone *bucket;

    if (zones == NULL || !is_name(name))
        return NULL;
    bucket = bucket_of(zones, name);
    if (bucket->name[0] != '\0')
        return bucket->zone;
    if (zones->n_known == ZONES_MAX / 2) {
        forget_zones(zones);
        bucket = bucket_of(zones, name);
    }
    snprintf(bucket->name, sizeof(bucket->name), "%s", name);
    bucket->zone = g_time_zone_new_identifier(name);
    zones->n_known++;
    return bucket->zone;
}

static int64_t divide_down(int64_t number, int64_t by)
{
    return number / by - (number % by < 0);
}

/* What the zone's clocks show, as if it were UTC. */
static int64_t local_ms(GTimeZone *zone, int64_t unix_ms)
{
    int interval;

    if (zone == NULL)
        return unix_ms;
    interval = g_time_zone_find_interval(zone, G_TIME_TYPE_UNIVERSAL, divide_down(unix_ms, 1000));
    return interval < 0 ? unix_ms : unix_ms + g_time_zone_get_offset(zone, interval) * 1000LL;
}

int32_t day_of(struct day_zones *zones, const char *zone, int64_t unix_ms)
{
    return (int32_t)divide_down(local_ms(zone_of(zones, zone), unix_ms), day_ms);
}

int32_t day_before(struct day_zones *zones, const char *zone, int64_t unix_ms)
{
    GTimeZone *found = zone_of(zones, zone);
    int64_t local = local_ms(found, unix_ms);
    int32_t day = (int32_t)divide_down(local, day_ms), before = day;
    int64_t at = unix_ms - (local - day * day_ms) - 1;

    /* Where clocks were put back today, that is still today. */
    for (int i = 0; i < DAY_HOURS_MAX && before >= day; i++, at -= hour_ms)
        before = (int32_t)divide_down(local_ms(found, at), day_ms);
    return before < day ? before : day - 1;
}

bool day_time_read(const char *text, int64_t *ret_unix_ms)
{
    GDateTime *time = g_date_time_new_from_iso8601(text, NULL);

    if (time == NULL)
        return false;
    *ret_unix_ms = g_date_time_to_unix(time) * 1000 + g_date_time_get_microsecond(time) / 1000;
    g_date_time_unref(time);
    return true;
}
