/* Published versions of quizzes: reading them. */
#include "services/quiz/quizzes/version.h"

#include <inttypes.h>
#include <string.h>

#include "platform/pb/schema/message.h"

#include "version_sql.h"

static enum ql_code fail_not_found(struct ql_call *call, const char *quiz_id)
{
    return ql_fail(call, QL_NOT_FOUND, "QUIZ_NOT_FOUND", "quiz %s does not exist", quiz_id);
}

static Questline__Quiz__V1__QuizState state_of(const char *name)
{
    if (strcmp(name, "PUBLISHED") == 0)
        return QUIZ_STATE_PUBLISHED;
    return strcmp(name, "ARCHIVED") == 0 ? QUIZ_STATE_ARCHIVED : QUIZ_STATE_DRAFT;
}

enum ql_code version_find_published(struct ql_call *call, struct ql_pg_tx *tx, const char *quiz_id,
                                    Questline__Quiz__V1__QuizState *ret_state, int32_t *ret_version)
{
    struct ql_pg_rows rows;
    enum ql_code rc = ql_pg_run(call, tx, &sql_version_find_published, &quiz_id, 1, &rows);

    if (rc != QL_OK)
        return rc;
    if (rows.n_rows == 0)
        return fail_not_found(call, quiz_id);
    *ret_state = state_of(ql_pg_text(&rows, 0, 0));
    *ret_version = (int32_t)ql_pg_int64(&rows, 0, 1);
    return QL_OK;
}

static enum ql_code read_quiz(struct ql_call *call, const struct ql_pg_rows *rows, Quiz **ret_quiz)
{
    uint8_t *bytes;
    size_t length;
    enum ql_code rc = ql_pg_bytes(call, rows, 0, 4, &bytes, &length);

    if (rc != QL_OK)
        return rc;
    return ql_message_unpack(call, &Quiz_descriptor, bytes, length, ret_quiz);
}

/* Rows are candidates in the order of slots: a slot is a piece of the array. */
static void read_slots(const struct ql_pg_rows *rows, struct question_key *keys,
                       struct version *version)
{
    int64_t last = 0;

    for (size_t i = 0; i < rows->n_rows; i++) {
        int64_t slot = ql_pg_int64(rows, i, 0);

        keys[i] = (struct question_key){.question_id = ql_pg_text(rows, i, 2),
                                        .revision = ql_pg_int64(rows, i, 3)};
        if (slot != last)
            version->slots[version->n_slots++] = (struct version_slot){
                .candidates = &keys[i], .count = (size_t)ql_pg_int64(rows, i, 1)};
        version->slots[version->n_slots - 1].n_candidates++;
        last = slot;
    }
}

enum ql_code version_load(struct ql_call *call, struct ql_pg_tx *tx, const char *quiz_id,
                          int32_t number, struct version *ret_version)
{
    const char *const parameters[] = {quiz_id, ql_pg_from_int64(call, number)};
    struct question_key *keys;
    struct ql_pg_rows rows;
    enum ql_code rc = ql_pg_run(call, tx, &sql_version_load, parameters, 2, &rows);

    if (rc != QL_OK)
        return rc;
    if (rows.n_rows == 0)
        return fail_not_found(call, quiz_id);
    *ret_version = (struct version){
        .slots = ql_arena_calloc(call->arena, rows.n_rows, sizeof(*ret_version->slots))};
    keys = ql_arena_calloc(call->arena, rows.n_rows, sizeof(*keys));
    if (ret_version->slots == NULL || keys == NULL)
        return ql_fail_memory(call);
    read_slots(&rows, keys, ret_version);
    return read_quiz(call, &rows, &ret_version->quiz);
}

static enum ql_code store_slot(struct ql_call *call, struct ql_pg_tx *tx,
                               const struct version *version, size_t slot)
{
    const struct version_slot *stored = &version->slots[slot];
    const char **ids = ql_arena_calloc(call->arena, stored->n_candidates, sizeof(*ids));
    int64_t *revisions = ql_arena_calloc(call->arena, stored->n_candidates, sizeof(*revisions));
    const char *parameters[6];

    if (ids == NULL || revisions == NULL)
        return ql_fail_memory(call);
    for (size_t i = 0; i < stored->n_candidates; i++) {
        ids[i] = stored->candidates[i].question_id;
        revisions[i] = stored->candidates[i].revision;
    }
    parameters[0] = version->quiz->quiz_id;
    parameters[1] = ql_pg_from_int64(call, version->quiz->published_version);
    parameters[2] = ql_pg_from_int64(call, (int64_t)slot + 1);
    parameters[3] = ql_pg_from_array(call, ids, stored->n_candidates);
    parameters[4] = ql_pg_from_int64_array(call, revisions, stored->n_candidates);
    parameters[5] = ql_pg_from_int64(call, (int64_t)stored->count);
    return ql_pg_run(call, tx, &sql_version_insert_slot, parameters, 6, NULL);
}

enum ql_code version_store(struct ql_call *call, struct ql_pg_tx *tx, const struct version *version)
{
    const char *parameters[3] = {version->quiz->quiz_id,
                                 ql_pg_from_int64(call, version->quiz->published_version)};
    uint8_t *bytes;
    size_t length;
    enum ql_code rc = ql_message_pack(call, version->quiz, &bytes, &length);

    if (rc != QL_OK)
        return rc;
    parameters[2] = ql_pg_from_bytes(call, bytes, length);
    rc = ql_pg_run(call, tx, &sql_version_insert, parameters, 3, NULL);
    if (rc != QL_OK)
        return rc;
    for (size_t i = 0; i < version->n_slots; i++) {
        rc = store_slot(call, tx, version, i);
        if (rc != QL_OK)
            return rc;
    }
    return QL_OK;
}
