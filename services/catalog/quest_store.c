/* Quests in PostgreSQL: bind, run, map. */
#include "services/catalog/quest_store.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

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
};

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
    return split_event_types(call, ql_pg_text(rows, row, EVENT_TYPES), ret_quest);
}

enum ql_code quest_store_insert(struct ql_call *call, struct ql_pg_tx *tx,
                                const struct quest *quest)
{
    const char *const parameters[] = {
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
    };
    enum ql_code rc;

    rc = ql_pg_run(call, tx, &sql_quest_insert, parameters, QL_ARRAY_LENGTH(parameters), NULL);
    if (rc != QL_OK && strcmp(ql_pg_violated_constraint(tx), "quests_reward_id_fkey") == 0)
        return ql_fail(call, QL_FAILED_PRECONDITION, "REWARD_NOT_FOUND", "reward %s does not exist",
                       quest->reward_id);
    return rc;
}

enum ql_code quest_store_get(struct ql_call *call, struct ql_pg_tx *tx, const char *quest_id,
                             int64_t revision, struct quest *ret_quest)
{
    const char *const parameters[] = {quest_id, ql_pg_from_int64(call, revision)};
    struct ql_pg_rows rows;
    enum ql_code rc;

    if (revision == 0)
        rc = ql_pg_run(call, tx, &sql_quest_get, parameters, 1, &rows);
    else
        rc = ql_pg_run(call, tx, &sql_quest_get_revision, parameters, 2, &rows);
    if (rc != QL_OK)
        return rc;
    if (rows.n_rows == 0 && revision == 0)
        return ql_fail(call, QL_NOT_FOUND, "QUEST_NOT_FOUND", "quest %s does not exist", quest_id);
    if (rows.n_rows == 0)
        return ql_fail(call, QL_NOT_FOUND, "QUEST_NOT_FOUND", "quest %s has no revision %" PRId64,
                       quest_id, revision);
    return quest_from_row(call, &rows, 0, ret_quest);
}

enum ql_code quest_store_list(struct ql_call *call, struct ql_pg_tx *tx, const char *after,
                              int limit, struct quest **ret_quests, size_t *ret_n_quests)
{
    const char *const parameters[] = {after, ql_pg_from_int64(call, limit)};
    struct ql_pg_rows rows;
    struct quest *quests;
    enum ql_code rc;

    rc = ql_pg_run(call, tx, &sql_quest_list, parameters, QL_ARRAY_LENGTH(parameters), &rows);
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
