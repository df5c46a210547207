/* An event as the rules see it, and what a quest can decide from the event alone. */
#ifndef QL_PROCESSING_RULES_RULE_EVENT_H
#define QL_PROCESSING_RULES_RULE_EVENT_H

#include "platform/base/arena.h"
#include "questline/catalog/v1/names.h"
#include "questline/processing/v1/names.h"
#include "services/processing/rules/definition.h"

/* What the rules read of an event. */
struct rule_event {
    const char *event_id;
    const char *event_type;
    const char *user_id; /* "": about no user, counts for nothing */
    int64_t occurred_ms;
    const char *payload; /* a JSON object; NULL for an empty one */
    /* Of a stored completion: the quests in its chain of causes, in lower case, its
     * own among them. It counts for none of them, and neither does what follows it. */
    const char *const *chain;
    size_t n_chain;
    /* The event stands before the row that registers its user. It has counted in the table's
     * order for all quests but those that go by days, and now counts for these
     * (waiting_store.h). */
    bool has_waited;
};

/* The payload of an event, read when it is first needed and kept for the next quest. */
struct event_payload {
    bool is_read;
    const struct ql_json_value *value; /* NULL: empty, no JSON, or nested too deep */
};

/* Reads the payload unless that is done. False when the arena is full. */
bool rule_event_read(struct ql_arena *arena, const struct rule_event *event,
                     struct event_payload *payload) QL_MUST_CHECK;

/* Whether a quest that lists the event's type may count it, by the event alone: the time is in
 * the quest's window, and the payload meets its conditions. False when the arena is full. */
bool rule_event_may_count(struct ql_arena *arena, const struct rule_event *event,
                          struct event_payload *payload, const struct definition *definition,
                          bool *ret_may_count) QL_MUST_CHECK;

#endif
