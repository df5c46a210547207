/* Keys taken and answers kept, in the transaction of the effect. */
#include "platform/idempotency/idempotency.h"

#include <string.h>

#include "platform/auth/seal.h"
#include "platform/idempotency/row.h"
#include "platform/pb/schema/message.h"
#include "platform/pb/schema/schema.h"

#include "idempotency_sql.h"
#include "migrations_sql.h"

enum { NESTING_MAX = 8 }; /* messages within messages that are searched for secrets */

const struct ql_pg_migration *ql_idempotency_migrations(void)
{
    return sql_migrations;
}

static bool key_is_ignored(const struct ql_call *call)
{
    return call->idempotency_key == NULL || call->identity.role == QL_ROLE_NONE ||
           call->identity.subject[0] == '\0';
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

/* What a sealed answer is sealed for: opened with the key of its call only, which
 * no table holds. */
static const char *seal_context(struct ql_call *call)
{
    return ql_arena_printf(call->arena, "%s %s", call->method, call->idempotency_key);
}

static enum ql_code answer_open(struct ql_call *call, const struct qli_idempotency_row *row,
                                const struct ql_pg_rows *rows, ProtobufCMessage *response)
{
    const ProtobufCMessageDescriptor *type = response->descriptor;
    const char *context = seal_context(call);
    ProtobufCMessage *answer;
    uint8_t *bytes;
    size_t length;
    enum ql_code rc;

    if (context == NULL)
        return ql_fail_memory(call);
    rc = ql_pg_bytes(call, rows, 0, 1, &bytes, &length);
    if (rc != QL_OK)
        return rc;
    if (row->seal != NULL)
        rc = ql_unseal(call, row->seal->secret, context, bytes, length, &bytes, &length);
    if (rc != QL_OK)
        return rc;
    rc = ql_message_unpack(call, type, bytes, length, &answer);
    if (rc == QL_RESOURCE_EXHAUSTED)
        return rc;
    if (rc != QL_OK)
        return ql_fail(call, QL_INTERNAL, "IDEMPOTENT_ANSWER_UNREADABLE",
                       "the kept answer is no %s", type->name);
    memcpy(response, answer, type->sizeof_message);
    call->is_replayed = true;
    return QL_OK;
}

/* The answer that is kept for the key, when it was given to the same request. */
static enum ql_code answer_repeat(struct ql_call *call, const struct qli_idempotency_row *row,
                                  const struct ql_pg_rows *rows, ProtobufCMessage *response)
{
    if (rows->n_rows == 0 || ql_pg_is_null(rows, 0, 1))
        return ql_fail(call, QL_INTERNAL, "IDEMPOTENT_ANSWER_MISSING",
                       "the call was committed without its answer");
    if (strcmp(ql_pg_text(rows, 0, 0), row->digest) != 0)
        return ql_fail(call, QL_ALREADY_EXISTS, "IDEMPOTENCY_KEY_REUSED",
                       "the Idempotency-Key came with another request before");
    return answer_open(call, row, rows, response);
}

static enum ql_code key_take(struct ql_call *call, struct ql_pg_tx *tx,
                             const struct ql_idempotency_seal *seal, const void *request,
                             ProtobufCMessage *response, bool *ret_is_repeated)
{
    struct ql_pg_rows rows;
    struct qli_idempotency_row row;
    enum ql_code rc;

    rc = qli_idempotency_row_of_request(call, seal, request, &row);
    if (rc != QL_OK)
        return rc;
    row.parameters[QLI_IDEMPOTENCY_NAMES] = row.digest;
    rc = ql_pg_run(call, tx, &sql_idempotency_take, row.parameters, QLI_IDEMPOTENCY_NAMES + 1,
                   &rows);
    if (rc != QL_OK || rows.n_affected == 1)
        return rc;
    rc = ql_pg_run(call, tx, &sql_idempotency_get, row.parameters, QLI_IDEMPOTENCY_NAMES, &rows);
    if (rc != QL_OK)
        return rc;
    rc = answer_repeat(call, &row, &rows, response);
    *ret_is_repeated = rc == QL_OK;
    return rc;
}

enum ql_code ql_idempotency_begin(struct ql_call *call, struct ql_pg_tx *tx, const void *request,
                                  void *response, bool *ret_is_repeated)
{
    ProtobufCMessage *answer = response;
    enum ql_code rc;

    *ret_is_repeated = false;
    if (key_is_ignored(call))
        return QL_OK;
    rc = answer_check(call, answer->descriptor);
    if (rc != QL_OK)
        return rc;
    return key_take(call, tx, NULL, request, answer, ret_is_repeated);
}

enum ql_code ql_idempotency_begin_sealed(struct ql_call *call, struct ql_pg_tx *tx,
                                         const struct ql_idempotency_seal *seal,
                                         const void *request, void *response, bool *ret_is_repeated)
{
    *ret_is_repeated = false;
    return call->idempotency_key == NULL
               ? QL_OK
               : key_take(call, tx, seal, request, response, ret_is_repeated);
}

enum ql_code ql_idempotency_find_sealed(struct ql_call *call, struct ql_pg_tx *tx,
                                        const struct ql_idempotency_seal *seal, const void *request,
                                        void *response, bool *ret_is_repeated)
{
    struct ql_pg_rows rows = {0};
    struct qli_idempotency_row row;
    enum ql_code rc;

    *ret_is_repeated = false;
    if (call->idempotency_key == NULL)
        return QL_OK;
    rc = qli_idempotency_row_of_request(call, seal, request, &row);
    if (rc != QL_OK)
        return rc;
    rc = ql_pg_run(call, tx, &sql_idempotency_find, row.parameters, QLI_IDEMPOTENCY_NAMES, &rows);
    if (rc != QL_OK || rows.n_rows == 0)
        return rc;
    rc = answer_repeat(call, &row, &rows, response);
    *ret_is_repeated = rc == QL_OK;
    return rc;
}

static enum ql_code answer_keep(struct ql_call *call, struct ql_pg_tx *tx,
                                const struct ql_idempotency_seal *seal, const void *response)
{
    const char *context = seal_context(call);
    struct ql_pg_rows rows;
    struct qli_idempotency_row row;
    uint8_t *bytes;
    size_t length;
    enum ql_code rc;

    if (context == NULL)
        return ql_fail_memory(call);
    rc = ql_message_pack(call, response, &bytes, &length);
    if (rc != QL_OK)
        return rc;
    if (length > QL_IDEMPOTENCY_ANSWER_MAX)
        return ql_fail(call, QL_INTERNAL, "IDEMPOTENT_ANSWER_TOO_LARGE",
                       "an answer of %zu bytes is not kept", length);
    if (seal != NULL)
        rc = ql_seal(call, seal->secret, context, bytes, length, &bytes, &length);
    if (rc != QL_OK)
        return rc;
    rc = qli_idempotency_name_row(call, seal, &row);
    if (rc != QL_OK)
        return rc;
    row.parameters[QLI_IDEMPOTENCY_NAMES] = ql_pg_from_bytes(call, bytes, length);
    rc = ql_pg_run(call, tx, &sql_idempotency_keep, row.parameters, QLI_IDEMPOTENCY_NAMES + 1,
                   &rows);
    if (rc != QL_OK)
        return rc;
    if (rows.n_affected != 1)
        return ql_fail(call, QL_INTERNAL, "IDEMPOTENCY_NOT_BEGUN",
                       "an answer for a key that this call did not take");
    return QL_OK;
}

enum ql_code ql_idempotency_finish(struct ql_call *call, struct ql_pg_tx *tx, const void *response)
{
    return key_is_ignored(call) ? QL_OK : answer_keep(call, tx, NULL, response);
}

enum ql_code ql_idempotency_finish_sealed(struct ql_call *call, struct ql_pg_tx *tx,
                                          const struct ql_idempotency_seal *seal,
                                          const void *response)
{
    return call->idempotency_key == NULL ? QL_OK : answer_keep(call, tx, seal, response);
}

enum ql_code ql_idempotency_forget(struct ql_call *call, struct ql_pg_tx *tx,
                                   const struct ql_idempotency_seal *seal)
{
    char digest[QLI_IDEMPOTENCY_DIGEST_SIZE];
    const char *const parameters[] = {digest, seal->owner};
    enum ql_code rc = qli_idempotency_caller_digest(call, seal, digest);

    if (rc != QL_OK)
        return rc;
    return ql_pg_run(call, tx, &sql_idempotency_forget, parameters, QL_ARRAY_LENGTH(parameters),
                     NULL);
}

enum ql_code ql_idempotency_purge(struct ql_call *call, struct ql_pg_pool *pool, bool *ret_has_more)
{
    return ql_pg_purge(call, pool, &sql_idempotency_delete_old, ret_has_more);
}
