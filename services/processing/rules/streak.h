/* Which events count for a streak that goes by days. Pure.
 *
 * A day is a calendar day in the user's zone, by the time at which the event
 * happened. Days are counted by their dates, and forward only:
 *
 * - a date counts once, in whatever zones it was reached: an event on the date
 *   that counted last, or an earlier one, counts nothing. So a change of zone
 *   gives no date twice, and neither does an event that arrives late;
 * - a row goes on when the last event that counted happened on the date before,
 *   by the zone it was counted in or by the zone of now. So a change of zone
 *   breaks no row, and neither does a date that a zone has jumped;
 * - that a row is broken shows at the next event that counts.
 *
 * When the quest counted every event until now, its last event stands for the
 * day on which it happened in the zone of now. */
#ifndef QL_PROCESSING_RULES_STREAK_H
#define QL_PROCESSING_RULES_STREAK_H

#include "services/processing/rules/definition.h"
#include "services/processing/rules/progress_set.h"

/* Prepares a streak for an event at occurred_ms in a zone: the day is kept, a
 * broken row begins at 0. is_first: nothing has counted for this progress yet.
 * False when the event counts nothing; the progress is then unchanged. */
bool streak_takes(struct progress *progress, enum streak_rule rule, struct day_zones *zones,
                  const char *zone, int64_t occurred_ms, bool is_first);

#endif
