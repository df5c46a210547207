/* Quests in PostgreSQL: bind, run, map. */
#include "services/catalog/quest_store.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "services/catalog/condition_pb.h"

#include "quest_sql.h"

/* The columns that quest.sql selects, in its order. */
enum {
    QUEST_ID,
    REWARD_ID,
    NAME,
    DESCRIPTION,
    STREAK,
    DUPLICATION,
    AUTO_CLAIM,
    EVENT_TYPES,
    REVISION,
    REVISED_MS,
    CONDITIONS,
    STARTS_MS,
    ENDS_MS,
    PREREQUISITE_QUEST_ID,
    STREAK_RULE,
    BACKFILL,
    ARCHIVED,
    CREATED_MS,
};

enum { QUEST_PARAMETERS = 17 }; /* of quest_insert */

static const char *const streak_rules[] = {
    [QUEST_EVERY_EVENT] = "EVERY_EVENT",
    [QUEST_DAILY] = "DAILY",
    [QUEST_DAILY_IN_A_ROW] = "DAILY_IN_A_ROW",
};

static enum quest_streak_rule streak_rule_from_text(const char *text)
{
    for (size_t i = QUEST_EVERY_EVENT; i < QL_ARRAY_LENGTH(streak_rules); i++)
        if (strcmp(streak_rules[i], text) == 0)
            return (enum quest_streak_rule)i;
    return QUEST_EVERY_EVENT;
}

static enum ql_code split_event_types(struct ql_call *call, const char *text, struct quest *quest)
{
    char *rest = ql_arena_strdup(call->arena, text);
    size_t n = 1;

    quest->n_event_types = 0;
    for (const char *c = text; *c != '\0'; c++)
        n += *c == ' ';
    quest->event_types = ql_arena_calloc(call->arena, n, sizeof(*quest->event_types));
    if (rest == NULL || quest->event_types == NULL)
        return ql_fail_memory(call);
    for (char *type = strsep(&rest, " "); type != NULL; type = strsep(&rest, " "))
        quest->event_types[quest->n_event_types++] = type;
    return QL_OK;
}

static enum ql_code quest_from_row(struct ql_call *call, const struct ql_pg_rows *rows, size_t row,
                                   struct quest *ret_quest)
{
    enum ql_code rc;

    snprintf(ret_quest->quest_id, sizeof(ret_quest->quest_id), "%s",
             ql_pg_text(rows, row, QUEST_ID));
    snprintf(ret_quest->reward_id, sizeof(ret_quest->reward_id), "%s",
             ql_pg_text(rows, row, REWARD_ID));
    ret_quest->name = ql_pg_text(rows, row, NAME);
    ret_quest->description = ql_pg_text(rows, row, DESCRIPTION);
    ret_quest->streak = (int32_t)ql_pg_int64(rows, row, STREAK);
    ret_quest->duplication = (int32_t)ql_pg_int64(rows, row, DUPLICATION);
    ret_quest->auto_claim = ql_pg_bool(rows, row, AUTO_CLAIM);
    ret_quest->revision = ql_pg_int64(rows, row, REVISION);
    ret_quest->revised_ms = ql_pg_int64(rows, row, REVISED_MS);
    ret_quest->starts_ms = ql_pg_int64(rows, row, STARTS_MS);
    ret_quest->ends_ms = ql_pg_int64(rows, row, ENDS_MS);
    snprintf(ret_quest->prerequisite_quest_id, sizeof(ret_quest->prerequisite_quest_id), "%s",
             ql_pg_text(rows, row, PREREQUISITE_QUEST_ID));
    ret_quest->streak_rule = streak_rule_from_text(ql_pg_text(rows, row, STREAK_RULE));
    ret_quest->backfill = ql_pg_bool(rows, row, BACKFILL);
    ret_quest->archived = ql_pg_bool(rows, row, ARCHIVED);
    ret_quest->created_ms = ql_pg_int64(rows, row, CREATED_MS);
    rc = conditions_from_json(call, ql_pg_text(rows, row, CONDITIONS), &ret_quest->conditions,
                              &ret_quest->n_conditions);
    if (rc != QL_OK)
        return rc;
    return split_event_types(call, ql_pg_text(rows, row, EVENT_TYPES), ret_quest);
}

/* The newest revision, written by insert or update, and kept. */
static enum ql_code store(struct ql_call *call, struct ql_pg_tx *tx,
                          const struct ql_pg_statement *statement, size_t n_parameters,
                          const struct quest *quest)
{
    const char *conditions;
    enum ql_code rc;

    rc = conditions_to_json(call, quest->conditions, quest->n_conditions, &conditions);
    if (rc != QL_OK)
        return rc;
    const char *const parameters[QUEST_PARAMETERS] = {
        quest->quest_id,
        quest->reward_id,
        quest->name,
        quest->description,
        ql_pg_from_int64(call, quest->streak),
        ql_pg_from_int64(call, quest->duplication),
        quest->auto_claim ? "true" : "false",
        ql_pg_from_array(call, quest->event_types, quest->n_event_types),
        ql_pg_from_int64(call, quest->revision),
        ql_pg_from_unix_ms(call, quest->revised_ms),
        conditions,
        quest->starts_ms == 0 ? NULL : ql_pg_from_unix_ms(call, quest->starts_ms),
        quest->ends_ms == 0 ? NULL : ql_pg_from_unix_ms(call, quest->ends_ms),
        quest->prerequisite_quest_id[0] == '\0' ? NULL : quest->prerequisite_quest_id,
        streak_rules[quest->streak_rule],
        quest->archived ? "true" : "false",
        quest->backfill ? "true" : "false",
    };

    rc = ql_pg_run(call, tx, statement, parameters, n_parameters, NULL);
    if (rc != QL_OK)
        return rc;
    return ql_pg_run(call, tx, &sql_quest_keep_revision, parameters, 1, NULL);
}

enum ql_code quest_store_insert(struct ql_call *call, struct ql_pg_tx *tx,
                                const struct quest *quest)
{
    return store(call, tx, &sql_quest_insert, QUEST_PARAMETERS, quest);
}

enum ql_code quest_store_update(struct ql_call *call, struct ql_pg_tx *tx,
                                const struct quest *quest)
{
    return store(call, tx, &sql_quest_update, QUEST_PARAMETERS - 1, quest);
}

static enum ql_code get_newest(struct ql_call *call, struct ql_pg_tx *tx,
                               const struct ql_pg_statement *statement, const char *quest_id,
                               struct quest *ret_quest)
{
    struct ql_pg_rows rows;
    enum ql_code rc;

    rc = ql_pg_run(call, tx, statement, &quest_id, 1, &rows);
    if (rc != QL_OK)
        return rc;
    if (rows.n_rows == 0)
        return ql_fail(call, QL_NOT_FOUND, "QUEST_NOT_FOUND", "quest %s does not exist", quest_id);
    return quest_from_row(call, &rows, 0, ret_quest);
}

enum ql_code quest_store_get(struct ql_call *call, struct ql_pg_tx *tx, const char *quest_id,
                             int64_t revision, struct quest *ret_quest)
{
    const char *const parameters[] = {quest_id, ql_pg_from_int64(call, revision)};
    struct ql_pg_rows rows;
    enum ql_code rc;

    if (revision == 0)
        return get_newest(call, tx, &sql_quest_get, quest_id, ret_quest);
    rc = ql_pg_run(call, tx, &sql_quest_get_revision, parameters, 2, &rows);
    if (rc != QL_OK)
        return rc;
    if (rows.n_rows == 0)
        return ql_fail(call, QL_NOT_FOUND, "QUEST_NOT_FOUND", "quest %s has no revision %" PRId64,
                       quest_id, revision);
    return quest_from_row(call, &rows, 0, ret_quest);
}

enum ql_code quest_store_lock(struct ql_call *call, struct ql_pg_tx *tx, const char *quest_id,
                              struct quest *ret_quest)
{
    return get_newest(call, tx, &sql_quest_lock, quest_id, ret_quest);
}

enum ql_code quest_store_prerequisites(struct ql_call *call, struct ql_pg_tx *tx,
                                       const char *quest_id, struct ql_pg_rows *ret_rows)
{
    enum ql_code rc;

    rc = ql_pg_run(call, tx, &sql_quest_lock_prerequisites, NULL, 0, NULL);
    if (rc != QL_OK)
        return rc;
    return ql_pg_run(call, tx, &sql_quest_prerequisites, &quest_id, 1, ret_rows);
}

enum ql_code quest_store_list(struct ql_call *call, struct ql_pg_tx *tx, const char *after,
                              int64_t archived_since_ms, int limit, struct quest **ret_quests,
                              size_t *ret_n_quests)
{
    const char *const parameters[] = {after, ql_pg_from_int64(call, limit),
                                      ql_pg_from_int64(call, archived_since_ms)};
    struct ql_pg_rows rows;
    struct quest *quests;
    enum ql_code rc;

    if (archived_since_ms == 0)
        rc = ql_pg_run(call, tx, &sql_quest_list, parameters, 2, &rows);
    else
        rc = ql_pg_run(call, tx, &sql_quest_list_open, parameters, 3, &rows);
    if (rc != QL_OK)
        return rc;
    quests = ql_arena_calloc(call->arena, rows.n_rows, sizeof(*quests));
    if (quests == NULL && rows.n_rows > 0)
        return ql_fail_memory(call);
    for (size_t i = 0; i < rows.n_rows; i++) {
        rc = quest_from_row(call, &rows, i, &quests[i]);
        if (rc != QL_OK)
            return rc;
    }
    *ret_quests = quests;
    *ret_n_quests = rows.n_rows;
    return QL_OK;
}
