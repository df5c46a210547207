/* Streaks by days. */
#include "services/processing/rules/streak.h"

bool streak_takes(struct progress *progress, enum streak_rule rule, struct day_zones *zones,
                  const char *zone, int64_t occurred_ms, bool is_first)
{
    int32_t today, last_day, before;

    if (rule == STREAK_EVERY_EVENT) {
        progress->has_day = false;
        return true;
    }
    today = day_of(zones, zone, occurred_ms);
    if (!is_first) {
        last_day =
            progress->has_day ? progress->last_day : day_of(zones, zone, progress->updated_ms);
        if (today <= last_day)
            return false;
        before = day_before(zones, zone, occurred_ms);
        if (rule == STREAK_DAILY_IN_A_ROW && last_day < before &&
            day_of(zones, zone, progress->updated_ms) < before)
            progress->streak = 0;
    }
    progress->has_day = true;
    progress->last_day = today;
    return true;
}
