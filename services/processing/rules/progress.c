/* The rules. */
#include "services/processing/rules/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "services/processing/rules/streak.h"

/* An event while the rules evaluate it. */
struct evaluation {
    struct progress_set *set;
    const struct rule_event *event;
    const struct rule_event *origin;     /* the event that the evaluation began with */
    const struct completion *completion; /* that the event states; NULL: it is the origin */
    struct event_payload payload;
    bool is_out_of_memory;
    uint64_t step;
    const char *zone;
    bool is_registered; /* its user */
};

/* The payload of a completion's event. */
static const char *payload_of(struct ql_arena *arena, const struct completion *completion)
{
    return ql_arena_printf(arena,
                           "{\"questId\":\"%s\",\"questRevision\":\"%" PRId64
                           "\",\"ordinal\":%" PRId32 ",\"causeEventId\":\"%s\"}",
                           completion->quest_id, completion->quest_revision, completion->ordinal,
                           completion->cause_event_id);
}

/* Whether the user had completed the quest before the event: a completion of this very step
 * came after it. */
static bool has_completed(const struct evaluation *evaluation, const char *quest_id)
{
    const struct progress *progress =
        progress_set_find(evaluation->set, evaluation->event->user_id, quest_id);

    return progress != NULL &&
           progress->duplication > (progress->completed_step == evaluation->step ? 1 : 0);
}

/* A quest that led to the event. Counting it would let quests on QuestCompleted
 * complete themselves and one another without anybody doing anything. */
static bool is_in_chain(const struct evaluation *evaluation, const char *quest_id)
{
    for (const struct completion *c = evaluation->completion; c != NULL; c = c->cause)
        if (strcmp(c->quest_id, quest_id) == 0)
            return true;
    for (size_t i = 0; i < evaluation->origin->n_chain; i++)
        if (strcmp(evaluation->origin->chain[i], quest_id) == 0)
            return true;
    return false;
}

/* Days are counted in the user's zone, and that is known from the registration on. */
static bool is_its_time(const struct evaluation *evaluation, const struct definition *definition)
{
    bool goes_by_days = definition->rule != STREAK_EVERY_EVENT;

    return evaluation->event->has_waited ? goes_by_days
                                         : !goes_by_days || evaluation->is_registered;
}

static bool may_count(struct evaluation *evaluation, const struct definition *definition)
{
    bool does_event_fit = false;

    if (!is_its_time(evaluation, definition))
        return false;
    if (is_in_chain(evaluation, definition->quest_id))
        return false;
    if (definition->prerequisite_id[0] != '\0' &&
        !has_completed(evaluation, definition->prerequisite_id))
        return false;
    evaluation->is_out_of_memory =
        !rule_event_may_count(progress_set_scratch(evaluation->set), evaluation->event,
                              &evaluation->payload, definition, &does_event_fit);
    return does_event_fit;
}

/* Counts a event; true when it completes the quest. */
static bool count_event(struct evaluation *evaluation, struct progress *progress,
                        const struct definition *definition, bool is_first)
{
    bool was_exhausted = progress->is_exhausted, completes;

    progress->is_exhausted = progress->duplication >= definition->duplication;
    /* Also when the event does not count: what is stored must not depend on batches. */
    progress->is_changed = progress->is_changed || progress->is_exhausted != was_exhausted;
    if (progress->is_exhausted)
        return false;
    if (!streak_takes(progress, definition->rule, progress_set_zones(evaluation->set),
                      evaluation->zone, evaluation->event->occurred_ms, is_first))
        return false;
    completes = ++progress->streak >= definition->streak;
    if (completes) {
        progress->streak = 0;
        progress->duplication++;
        progress->completed_step = evaluation->step;
        progress->is_exhausted = progress->duplication >= definition->duplication;
    }
    progress->updated_ms = evaluation->event->occurred_ms;
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

static struct completion *complete_quest(struct progress_set *set, const struct progress *progress,
                                         const struct definition *definition,
                                         const struct rule_event *cause)
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

/* Counts one event for every quest it matters to, and links the completions in
 * at *link, before what stands there. */
static bool evaluate_event(struct evaluation *evaluation, const struct definitions *definitions,
                           int generation, struct completion **link, size_t *n_completions)
{
    const struct rule_event *event = evaluation->event;
    size_t n_matches;
    const struct definition_match *matches =
        definitions_matching(definitions, event->event_type, &n_matches);

    evaluation->step = progress_set_next_step(evaluation->set);
    for (size_t i = 0; i < n_matches; i++) {
        const struct definition *definition = matches[i].definition;
        struct progress *known, *progress;
        struct completion *completion;

        if (!may_count(evaluation, definition)) {
            if (evaluation->is_out_of_memory)
                return false;
            continue;
        }
        known = progress_set_find(evaluation->set, event->user_id, definition->quest_id);
        progress = known != NULL ? known
                                 : progress_set_begin(evaluation->set, event->user_id,
                                                      definition->quest_id, event->occurred_ms);
        if (progress == NULL || evaluation->is_out_of_memory)
            return false;
        if (!count_event(evaluation, progress, definition, known == NULL))
            continue;
        completion = complete_quest(evaluation->set, progress, definition, event);
        if (completion == NULL)
            return false;
        completion->cause = evaluation->completion;
        completion->generation = generation;
        completion->next = *link;
        *link = completion;
        link = &completion->next;
        ++*n_completions;
    }
    return true;
}

/* A text of the payload, "" for what is none. False without memory. */
static bool read_text(struct evaluation *evaluation, const char *path, const char **ret_text)
{
    struct ql_arena *arena = progress_set_scratch(evaluation->set);
    const struct ql_json_value *value;

    *ret_text = "";
    if (!rule_event_read(arena, evaluation->event, &evaluation->payload))
        return false;
    value = ql_json_value_at(evaluation->payload.value, path);
    if (value != NULL && value->kind == QL_JSON_TEXT)
        *ret_text = ql_arena_printf(arena, "%.*s", (int)value->length, value->text);
    return *ret_text != NULL;
}

/* What the event says of its user, true of the event itself already. */
static bool note_user(struct evaluation *evaluation)
{
    const struct rule_event *event = evaluation->event;
    struct user_states *users = progress_set_users(evaluation->set);
    const char *zone, *before, *starts_at;
    struct user_state *user;

    if (strcmp(event->event_type, EVENT_USER_DELETED) == 0) {
        user = user_states_take(users, event->user_id);
        if (user != NULL)
            user->is_deleted = true;
        return user != NULL;
    }
    if (strcmp(event->event_type, EVENT_USER_REGISTERED) != 0 &&
        strcmp(event->event_type, EVENT_USER_CHANGED) != 0)
        return true;
    user = user_states_take(users, event->user_id);
    if (user == NULL || !read_text(evaluation, "timeZone", &zone) ||
        !read_text(evaluation, "zoneBefore", &before) ||
        !read_text(evaluation, "startsAt", &starts_at))
        return false;
    user->is_registered =
        user->is_registered || strcmp(event->event_type, EVENT_USER_REGISTERED) == 0;
    /* One that comes late and knows no zone says nothing (event_list_users). */
    if (strcmp(event->event_type, EVENT_USER_REGISTERED) != 0 || zone[0] != '\0')
        user_state_set_zone(user, zone, before, starts_at);
    return true;
}

bool progress_evaluate(struct progress_set *set, const struct definitions *definitions,
                       const struct rule_event *event, struct completion **ret_completions)
{
    struct evaluation evaluation = {.set = set, .event = event, .origin = event, .zone = ""};
    const struct user_state *user;
    size_t n_completions = 0;

    *ret_completions = NULL;
    if (event->user_id[0] == '\0')
        return true;
    if (!event->has_waited && !note_user(&evaluation))
        return false;
    user = user_states_find(progress_set_users(set), event->user_id);
    if (user != NULL && user->is_deleted)
        return true;
    if (user != NULL) {
        evaluation.zone = user_state_zone_at(user, event->occurred_ms);
        evaluation.is_registered = user->is_registered;
    }
    if (!evaluate_event(&evaluation, definitions, 1, ret_completions, &n_completions))
        return false;
    for (struct completion *cause = *ret_completions; cause != NULL; cause = cause->next) {
        struct rule_event completed = {.event_id = cause->event_id,
                                       .event_type = EVENT_QUEST_COMPLETED,
                                       .user_id = event->user_id,
                                       .occurred_ms = event->occurred_ms};
        struct evaluation again = {.set = set,
                                   .event = &completed,
                                   .origin = event,
                                   .completion = cause,
                                   .zone = evaluation.zone,
                                   .is_registered = evaluation.is_registered};

        if (cause->generation >= PROGRESS_GENERATIONS_MAX ||
            n_completions >= PROGRESS_COMPLETIONS_MAX)
            continue;
        completed.payload = payload_of(progress_set_scratch(set), cause);
        if (completed.payload == NULL || !evaluate_event(&again, definitions, cause->generation + 1,
                                                         &cause->next, &n_completions))
            return false;
    }
    return true;
}
