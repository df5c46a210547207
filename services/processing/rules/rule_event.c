/* Windows and conditions. */
#include "services/processing/rules/rule_event.h"

#include <string.h>

bool rule_event_read(struct ql_arena *arena, const struct rule_event *event,
                     struct event_payload *payload)
{
    if (payload->is_read || event->payload == NULL)
        return true;
    payload->is_read = true;
    return ql_json_value_read(arena, event->payload, strlen(event->payload), &payload->value) !=
           QL_RESOURCE_EXHAUSTED;
}

static bool is_in_window(const struct definition *definition, int64_t occurred_ms)
{
    if (definition->has_creation && !definition->backfill && occurred_ms < definition->created_ms)
        return false;
    return (!definition->has_start || occurred_ms >= definition->starts_ms) &&
           (!definition->has_end || occurred_ms < definition->ends_ms);
}

bool rule_event_may_count(struct ql_arena *arena, const struct rule_event *event,
                          struct event_payload *payload, const struct definition *definition,
                          bool *ret_may_count)
{
    *ret_may_count = is_in_window(definition, event->occurred_ms);
    for (size_t i = 0; *ret_may_count && i < definition->n_conditions; i++) {
        if (!rule_event_read(arena, event, payload))
            return false;
        *ret_may_count = predicate_holds(&definition->conditions[i], payload->value);
    }
    return true;
}
