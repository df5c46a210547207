/* Announcing again, a bounded number of attempts at a time. */
#include "services/quiz/attempts/publish_again.h"

#include "platform/base/clock.h"
#include "platform/pb/json/json.h"
#include "platform/pb/schema/message.h"
#include "platform/pb/wire/timestamp.h"
#include "services/quiz/attempts/attempt_end.h"
#include "services/quiz/attempts/attempt_store.h"
#include "services/quiz/attempts/week.h"

enum { ATTEMPTS_MAX = 100, STEP_MS = 30000 };

#define FIRST_UUID "00000000-0000-0000-0000-000000000000"

static enum ql_code read_time(struct ql_call *call, const char *text, int64_t *ret_ms)
{
    char *json = ql_arena_printf(call->arena, "\"%s\"", text);
    Google__Protobuf__Timestamp *timestamp;
    uint8_t *bytes;
    size_t length;
    enum ql_code rc;

    if (json == NULL)
        return ql_fail_memory(call);
    rc = ql_message_from_json(call, google__protobuf__timestamp__descriptor.name, json, &bytes,
                              &length);
    if (rc != QL_OK)
        return ql_fail(call, QL_INVALID_ARGUMENT, "INVALID_TIME",
                       "%s is no time such as 2026-01-31T00:00:00Z", text);
    rc = ql_message_unpack(call, &google__protobuf__timestamp__descriptor, bytes, length,
                           &timestamp);
    if (rc == QL_OK)
        *ret_ms = ql_timestamp_ms(timestamp);
    return rc;
}

static enum ql_code publish_attempt(struct ql_call *call, struct ql_pg_tx *tx,
                                    const struct attempt *attempt)
{
    const struct ql_arena_mark mark = ql_arena_mark(call->arena);
    struct saved_answer *answers;
    struct sheet sheet;
    size_t n_answers;
    enum ql_code rc;

    rc = sheet_load(call, tx, attempt, &sheet);
    if (rc != QL_OK)
        return rc;
    rc = answer_store_list(call, tx, attempt->attempt_id, &answers, &n_answers);
    if (rc != QL_OK)
        return rc;
    rc = attempt_publish_completed(call, tx, attempt, &sheet, answers, n_answers);
    if (rc == QL_OK)
        ql_arena_rewind(call->arena, &mark);
    return rc;
}

/* The attempts behind an id, which becomes that of the last one; *ret_has_more is false when
 * there is none. */
static enum ql_code publish_step(struct ql_call *call, struct ql_pg_pool *pool, int64_t since_ms,
                                 char after[QL_UUID_SIZE], bool *ret_has_more)
{
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    struct attempt *attempts;
    size_t n_attempts;
    enum ql_code rc;

    *ret_has_more = false;
    call->deadline_ms = ql_monotonic_ms() + STEP_MS;
    rc = ql_pg_begin(call, pool, &tx);
    if (rc != QL_OK)
        return rc;
    rc = attempt_store_list_ended(call, tx, after, since_ms, ATTEMPTS_MAX, &attempts, &n_attempts);
    if (rc != QL_OK || n_attempts == 0)
        return rc;
    for (size_t i = 0; i < n_attempts; i++) {
        rc = publish_attempt(call, tx, &attempts[i]);
        if (rc != QL_OK)
            return rc;
    }
    ql_uuid_copy(after, attempts[n_attempts - 1].attempt_id);
    *ret_has_more = true;
    return ql_pg_commit(call, &tx);
}

static enum ql_code publish_weeks(struct ql_call *call, struct ql_pg_pool *pool, int64_t since_ms)
{
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    enum ql_code rc;

    rc = ql_pg_begin(call, pool, &tx);
    if (rc != QL_OK)
        return rc;
    rc = week_publish_again(call, tx, since_ms);
    return rc == QL_OK ? ql_pg_commit(call, &tx) : rc;
}

enum ql_code publish_again_run(struct ql_call *call, void *app)
{
    struct quiz_service *service = app;
    char after[QL_UUID_SIZE] = FIRST_UUID;
    struct ql_arena_mark mark;
    bool has_more = true;
    int64_t since_ms = 0;
    enum ql_code rc = QL_OK;

    if (service->publish_since != NULL)
        rc = read_time(call, service->publish_since, &since_ms);
    if (rc != QL_OK)
        return rc;
    mark = ql_arena_mark(call->arena);
    while (has_more) {
        rc = publish_step(call, service->parts.pg, since_ms, after, &has_more);
        if (rc != QL_OK)
            return rc;
        ql_arena_rewind(call->arena, &mark);
    }
    return publish_weeks(call, service->parts.pg, since_ms);
}
