/* Keys taken and answers kept, in the transaction of the effect. */
#include "platform/idempotency/idempotency.h"

#include <string.h>

#include "platform/base/digest.h"
#include "platform/pb/message.h"
#include "platform/pb/schema.h"

#include "idempotency_sql.h"
#include "migrations_sql.h"

enum {
    PURGE_ROWS = 1000,
    NESTING_MAX = 8, /* messages within messages that are searched for secrets */
};

const struct ql_pg_migration *ql_idempotency_migrations(void)
{
    return sql_migrations;
}

/* A person stays the same caller when a role is given or taken. */
static const char *caller_kind(enum ql_role role)
{
    if (role == QL_ROLE_USER || role == QL_ROLE_ADMIN)
        return "user";
    return role == QL_ROLE_SERVICE ? "service" : "account";
}

static bool key_is_ignored(const struct ql_call *call)
{
    return call->idempotency_key == NULL || call->identity.role == QL_ROLE_NONE ||
           call->identity.subject[0] == '\0';
}

static enum ql_code key_check(struct ql_call *call)
{
    size_t length = strnlen(call->idempotency_key, QL_IDEMPOTENCY_KEY_MAX + 1);
    bool is_good = length >= 1 && length <= QL_IDEMPOTENCY_KEY_MAX;

    for (size_t i = 0; is_good && i < length; i++)
        is_good = call->idempotency_key[i] > ' ' && call->idempotency_key[i] <= '~';
    if (is_good)
        return QL_OK;
    return ql_violate(call, "Idempotency-Key", "must be 1 to %d visible ASCII characters",
                      QL_IDEMPOTENCY_KEY_MAX);
}

static bool has_secrets(const struct ql_message *message, int depth_left)
{
    for (size_t i = 0; i < message->n_fields; i++) {
        const struct ql_field *field = &message->fields[i];

        if (field->is_secret)
            return true;
        if (field->message != NULL && depth_left > 0 && has_secrets(field->message, depth_left - 1))
            return true;
    }
    return false;
}

/* Refuses, before anything is done, what must never lie in a table. */
static enum ql_code answer_check(struct ql_call *call, const ProtobufCMessageDescriptor *type)
{
    const struct ql_message *message = ql_schema_message(ql_schema_embedded(), type->name);

    if (message != NULL && !has_secrets(message, NESTING_MAX))
        return QL_OK;
    return ql_fail(call, QL_INTERNAL, "IDEMPOTENCY_OF_SECRETS", "%s is no answer to keep",
                   type->name);
}

enum { CALLER, METHOD, KEY, N_NAMES };

static enum ql_code row_name(struct ql_call *call, const char *parameters[N_NAMES])
{
    parameters[CALLER] = ql_arena_printf(call->arena, "%s:%s", caller_kind(call->identity.role),
                                         call->identity.subject);
    parameters[METHOD] = call->method;
    parameters[KEY] = call->idempotency_key;
    return parameters[CALLER] == NULL ? ql_fail_memory(call) : QL_OK;
}

/* The answer that is kept for the key, when it was given to the same request. */
static enum ql_code repeat_answer(struct ql_call *call, struct ql_pg_tx *tx,
                                  const char *const *parameters, const char *digest,
                                  ProtobufCMessage *response)
{
    const ProtobufCMessageDescriptor *type = response->descriptor;
    ProtobufCMessage *answer;
    struct ql_pg_rows rows;
    uint8_t *bytes;
    size_t length;
    enum ql_code rc;

    rc = ql_pg_run(call, tx, &sql_idempotency_get, parameters, N_NAMES, &rows);
    if (rc != QL_OK)
        return rc;
    if (rows.n_rows == 0 || ql_pg_is_null(&rows, 0, 1))
        return ql_fail(call, QL_INTERNAL, "IDEMPOTENT_ANSWER_MISSING",
                       "the call was committed without its answer");
    if (strcmp(ql_pg_text(&rows, 0, 0), digest) != 0)
        return ql_fail(call, QL_ALREADY_EXISTS, "IDEMPOTENCY_KEY_REUSED",
                       "the Idempotency-Key came with another request before");
    rc = ql_pg_bytes(call, &rows, 0, 1, &bytes, &length);
    if (rc != QL_OK)
        return rc;
    rc = ql_message_unpack(call, type, bytes, length, &answer);
    if (rc == QL_RESOURCE_EXHAUSTED)
        return rc;
    if (rc != QL_OK)
        return ql_fail(call, QL_INTERNAL, "IDEMPOTENT_ANSWER_UNREADABLE",
                       "the kept answer is no %s", type->name);
    memcpy(response, answer, type->sizeof_message);
    return QL_OK;
}

enum ql_code ql_idempotency_begin(struct ql_call *call, struct ql_pg_tx *tx, const void *request,
                                  void *response, bool *ret_is_repeated)
{
    ProtobufCMessage *answer = response;
    char digest[QL_SHA256_HEX_SIZE];
    const char *parameters[N_NAMES + 1];
    struct ql_pg_rows rows;
    uint8_t *bytes;
    size_t length;
    enum ql_code rc;

    *ret_is_repeated = false;
    if (key_is_ignored(call))
        return QL_OK;
    rc = key_check(call);
    if (rc == QL_OK)
        rc = answer_check(call, answer->descriptor);
    if (rc == QL_OK)
        rc = ql_message_pack(call, request, &bytes, &length);
    if (rc == QL_OK)
        rc = row_name(call, parameters);
    if (rc != QL_OK)
        return rc;
    ql_sha256_hex(digest, bytes, length);
    parameters[N_NAMES] = digest;
    rc = ql_pg_run(call, tx, &sql_idempotency_take, parameters, N_NAMES + 1, &rows);
    if (rc != QL_OK || rows.n_affected == 1)
        return rc;
    rc = repeat_answer(call, tx, parameters, digest, answer);
    *ret_is_repeated = rc == QL_OK;
    return rc;
}

enum ql_code ql_idempotency_finish(struct ql_call *call, struct ql_pg_tx *tx, const void *response)
{
    const char *parameters[N_NAMES + 1];
    struct ql_pg_rows rows;
    uint8_t *bytes;
    size_t length;
    enum ql_code rc;

    if (key_is_ignored(call))
        return QL_OK;
    rc = ql_message_pack(call, response, &bytes, &length);
    if (rc != QL_OK)
        return rc;
    if (length > QL_IDEMPOTENCY_ANSWER_MAX)
        return ql_fail(call, QL_INTERNAL, "IDEMPOTENT_ANSWER_TOO_LARGE",
                       "an answer of %zu bytes is not kept", length);
    rc = row_name(call, parameters);
    if (rc != QL_OK)
        return rc;
    parameters[N_NAMES] = ql_pg_from_bytes(call, bytes, length);
    rc = ql_pg_run(call, tx, &sql_idempotency_keep, parameters, N_NAMES + 1, &rows);
    if (rc == QL_OK && rows.n_affected != 1)
        return ql_fail(call, QL_INTERNAL, "IDEMPOTENCY_NOT_BEGUN",
                       "an answer for a key that this call did not take");
    return rc;
}

enum ql_code ql_idempotency_purge(struct ql_call *call, struct ql_pg_pool *pool, bool *ret_has_more)
{
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    const char *parameters[] = {ql_pg_from_int64(call, PURGE_ROWS)};
    struct ql_pg_rows rows;
    enum ql_code rc;

    *ret_has_more = false;
    rc = ql_pg_begin(call, pool, &tx);
    if (rc != QL_OK)
        return rc;
    rc = ql_pg_run(call, tx, &sql_idempotency_delete_old, parameters, 1, &rows);
    if (rc != QL_OK)
        return rc;
    *ret_has_more = rows.n_affected == PURGE_ROWS;
    return ql_pg_commit(call, &tx);
}
