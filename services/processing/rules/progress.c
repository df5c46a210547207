/* The rules. */
#include "services/processing/rules/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "services/processing/rules/streak.h"

/* A fact while it is fed: its payload is read when somebody asks for it. */
struct feeding {
    struct progress_set *set;
    const struct fact *fact;
    const struct fact *event;            /* the fact that all of it began with */
    const struct completion *completion; /* that the fact tells of; NULL: an event's */
    const struct ql_json_value *payload;
    bool is_read, is_out_of_memory;
    uint64_t feed;
    const char *zone;
    bool is_registered; /* its user */
};

/* What the event of a completion says. */
static const char *payload_of(struct ql_arena *arena, const struct completion *completion)
{
    return ql_arena_printf(arena,
                           "{\"questId\":\"%s\",\"questRevision\":\"%" PRId64
                           "\",\"ordinal\":%" PRId32 ",\"causeEventId\":\"%s\"}",
                           completion->quest_id, completion->quest_revision, completion->ordinal,
                           completion->cause_event_id);
}

/* NULL for what is empty, no JSON, or too deep to be looked into; also without
 * memory, which is noted. */
static const struct ql_json_value *payload(struct feeding *feeding)
{
    struct ql_arena *arena = progress_set_scratch(feeding->set);
    const char *json = feeding->fact->payload;

    if (feeding->is_read)
        return feeding->payload;
    feeding->is_read = true;
    if (feeding->completion != NULL) {
        json = payload_of(arena, feeding->completion);
        feeding->is_out_of_memory = json == NULL;
    }
    if (json == NULL)
        return NULL;
    feeding->is_out_of_memory =
        ql_json_value_read(arena, json, strlen(json), &feeding->payload) == QL_RESOURCE_EXHAUSTED;
    return feeding->payload;
}

static bool is_in_window(const struct definition *definition, int64_t occurred_ms)
{
    if (definition->has_creation && !definition->is_backfilled &&
        occurred_ms < definition->created_ms)
        return false;
    return (!definition->has_start || occurred_ms >= definition->starts_ms) &&
           (!definition->has_end || occurred_ms < definition->ends_ms);
}

static bool do_conditions_hold(struct feeding *feeding, const struct definition *definition)
{
    for (size_t i = 0; i < definition->n_conditions; i++)
        if (!condition_holds(&definition->conditions[i], payload(feeding)))
            return false;
    return true;
}

bool progress_may_count(struct ql_arena *arena, const struct fact *fact,
                        struct fact_payload *payload, const struct definition *definition,
                        bool *ret_may_count)
{
    *ret_may_count = is_in_window(definition, fact->occurred_ms);
    for (size_t i = 0; *ret_may_count && i < definition->n_conditions; i++) {
        if (!payload->is_read && fact->payload != NULL &&
            ql_json_value_read(arena, fact->payload, strlen(fact->payload), &payload->value) ==
                QL_RESOURCE_EXHAUSTED)
            return false;
        payload->is_read = true;
        *ret_may_count = condition_holds(&definition->conditions[i], payload->value);
    }
    return true;
}

/* A completion that this very feed has brought about came after the fact. */
static bool has_completed(const struct feeding *feeding, const char *quest_id)
{
    const struct progress *progress =
        progress_set_find(feeding->set, feeding->fact->user_id, quest_id);

    return progress != NULL &&
           progress->duplication > (progress->completed_feed == feeding->feed ? 1 : 0);
}

/* A quest that led to the fact. Counting it would let quests on QuestCompleted
 * complete themselves and one another without anybody doing anything. */
static bool is_in_chain(const struct feeding *feeding, const char *quest_id)
{
    for (const struct completion *c = feeding->completion; c != NULL; c = c->cause)
        if (strcmp(c->quest_id, quest_id) == 0)
            return true;
    for (size_t i = 0; i < feeding->event->n_chain; i++)
        if (strcmp(feeding->event->chain[i], quest_id) == 0)
            return true;
    return false;
}

/* Days are counted in the user's zone, and that is known from the registration on. */
static bool is_its_time(const struct feeding *feeding, const struct definition *definition)
{
    bool goes_by_days = definition->rule != STREAK_EVERY_EVENT;

    return feeding->fact->has_waited ? goes_by_days : !goes_by_days || feeding->is_registered;
}

static bool matters(struct feeding *feeding, const struct definition *definition)
{
    const struct fact *fact = feeding->fact;

    if (!is_its_time(feeding, definition))
        return false;
    if (is_in_chain(feeding, definition->quest_id))
        return false;
    if (!is_in_window(definition, fact->occurred_ms))
        return false;
    if (definition->prerequisite_id[0] != '\0' &&
        !has_completed(feeding, definition->prerequisite_id))
        return false;
    return do_conditions_hold(feeding, definition);
}

/* Counts a fact; true when it completes the quest. */
static bool count(struct feeding *feeding, struct progress *progress,
                  const struct definition *definition, bool is_first)
{
    bool was_exhausted = progress->is_exhausted, completes;

    progress->is_exhausted = progress->duplication >= definition->duplication;
    /* Also when the event does not count: what is stored must not depend on batches. */
    progress->is_changed = progress->is_changed || progress->is_exhausted != was_exhausted;
    if (progress->is_exhausted)
        return false;
    if (!streak_takes(progress, definition->rule, progress_set_zones(feeding->set), feeding->zone,
                      feeding->fact->occurred_ms, is_first))
        return false;
    completes = ++progress->streak >= definition->streak;
    if (completes) {
        progress->streak = 0;
        progress->duplication++;
        progress->completed_feed = feeding->feed;
        progress->is_exhausted = progress->duplication >= definition->duplication;
    }
    progress->updated_ms = feeding->fact->occurred_ms;
    progress->is_changed = true;
    return completes;
}

void completion_id(const char *user_id, const char *quest_id, int32_t ordinal,
                   char ret_id[QL_UUID_SIZE])
{
    char number[16];
    const char *const parts[] = {"completion", user_id, quest_id, number};

    snprintf(number, sizeof(number), "%" PRId32, ordinal);
    ql_uuid_derive(ret_id, parts, QL_ARRAY_LENGTH(parts));
}

static struct completion *complete(struct progress_set *set, const struct progress *progress,
                                   const struct definition *definition, const struct fact *cause)
{
    struct completion *completion =
        ql_arena_calloc(progress_set_scratch(set), 1, sizeof(*completion));

    if (completion == NULL)
        return NULL;
    completion_id(progress->user_id, progress->quest_id, progress->duplication,
                  completion->event_id);
    completion->cause_event_id = cause->event_id;
    memcpy(completion->quest_id, progress->quest_id, sizeof(completion->quest_id));
    completion->quest_revision = definition->revision;
    completion->ordinal = progress->duplication;
    return completion;
}

/* Counts one fact for every quest it matters to, and links the completions in
 * at *link, before what stands there. */
static bool feed(struct feeding *feeding, const struct definitions *definitions, int generation,
                 struct completion **link, size_t *n_completions)
{
    const struct fact *fact = feeding->fact;
    size_t n_matches;
    const struct definition_match *matches =
        definitions_matching(definitions, fact->event_type, &n_matches);

    feeding->feed = progress_set_next_feed(feeding->set);
    for (size_t i = 0; i < n_matches; i++) {
        const struct definition *definition = matches[i].definition;
        struct progress *known, *progress;
        struct completion *completion;

        if (!matters(feeding, definition)) {
            if (feeding->is_out_of_memory)
                return false;
            continue;
        }
        known = progress_set_find(feeding->set, fact->user_id, definition->quest_id);
        progress = known != NULL ? known
                                 : progress_set_begin(feeding->set, fact->user_id,
                                                      definition->quest_id, fact->occurred_ms);
        if (progress == NULL || feeding->is_out_of_memory)
            return false;
        if (!count(feeding, progress, definition, known == NULL))
            continue;
        completion = complete(feeding->set, progress, definition, fact);
        if (completion == NULL)
            return false;
        completion->cause = feeding->completion;
        completion->generation = generation;
        completion->next = *link;
        *link = completion;
        link = &completion->next;
        ++*n_completions;
    }
    return true;
}

/* A text of the payload, "" for what is none. False without memory. */
static bool read_text(struct feeding *feeding, const char *path, const char **ret_text)
{
    const struct ql_json_value *value = ql_json_value_at(payload(feeding), path);

    *ret_text = "";
    if (value != NULL && value->kind == QL_JSON_TEXT)
        *ret_text = ql_arena_printf(progress_set_scratch(feeding->set), "%.*s", (int)value->length,
                                    value->text);
    return !feeding->is_out_of_memory && *ret_text != NULL;
}

/* What the fact says of its user, true of the fact itself already. */
static bool note_user(struct feeding *feeding)
{
    const struct fact *fact = feeding->fact;
    struct user_states *users = progress_set_users(feeding->set);
    const char *zone, *before, *starts_at;
    struct user_state *user;

    if (strcmp(fact->event_type, EVENT_USER_DELETED) == 0) {
        user = user_states_take(users, fact->user_id);
        if (user != NULL)
            user->is_deleted = true;
        return user != NULL;
    }
    if (strcmp(fact->event_type, EVENT_USER_REGISTERED) != 0 &&
        strcmp(fact->event_type, EVENT_USER_CHANGED) != 0)
        return true;
    user = user_states_take(users, fact->user_id);
    if (user == NULL || !read_text(feeding, "timeZone", &zone) ||
        !read_text(feeding, "zoneBefore", &before) || !read_text(feeding, "startsAt", &starts_at))
        return false;
    user->is_registered =
        user->is_registered || strcmp(fact->event_type, EVENT_USER_REGISTERED) == 0;
    /* One that comes late and knows no zone says nothing (event_list_users). */
    if (strcmp(fact->event_type, EVENT_USER_REGISTERED) != 0 || zone[0] != '\0')
        user_state_set_zone(user, zone, before, starts_at);
    return true;
}

bool progress_judge(struct progress_set *set, const struct definitions *definitions,
                    const struct fact *fact, struct completion **ret_completions)
{
    struct feeding feeding = {.set = set, .fact = fact, .event = fact, .zone = ""};
    const struct user_state *user;
    size_t n_completions = 0;

    *ret_completions = NULL;
    if (fact->user_id[0] == '\0')
        return true;
    if (!fact->has_waited && !note_user(&feeding))
        return false;
    user = user_states_find(progress_set_users(set), fact->user_id);
    if (user != NULL && user->is_deleted)
        return true;
    if (user != NULL) {
        feeding.zone = user_state_zone_at(user, fact->occurred_ms);
        feeding.is_registered = user->is_registered;
    }
    if (!feed(&feeding, definitions, 1, ret_completions, &n_completions))
        return false;
    for (struct completion *cause = *ret_completions; cause != NULL; cause = cause->next) {
        const struct fact completed = {.event_id = cause->event_id,
                                       .event_type = EVENT_QUEST_COMPLETED,
                                       .user_id = fact->user_id,
                                       .occurred_ms = fact->occurred_ms};
        struct feeding again = {.set = set,
                                .fact = &completed,
                                .event = fact,
                                .completion = cause,
                                .zone = feeding.zone,
                                .is_registered = feeding.is_registered};

        if (cause->generation >= PROGRESS_GENERATIONS_MAX ||
            n_completions >= PROGRESS_COMPLETIONS_MAX)
            continue;
        if (!feed(&again, definitions, cause->generation + 1, &cause->next, &n_completions))
            return false;
    }
    return true;
}
