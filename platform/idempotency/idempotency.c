/* Keys taken and answers kept, in the transaction of the effect. */
#include "platform/idempotency/idempotency.h"

#include <string.h>

#include "platform/auth/seal.h"
#include "platform/base/digest.h"
#include "platform/base/hex.h"
#include "platform/pb/schema/message.h"
#include "platform/pb/schema/schema.h"

#include "idempotency_sql.h"
#include "migrations_sql.h"

enum {
    PURGE_ROWS = 1000,
    NESTING_MAX = 8, /* messages within messages that are searched for secrets */
    DIGEST_HEX_SIZE = 2 * QL_KEYED_DIGEST_BYTES + 1,
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

/* The row of a call: its names, and what its request is known by. */
struct row {
    const struct ql_idempotency_seal *seal; /* NULL: everything lies open */
    const char *parameters[N_NAMES + 1];    /* and a place behind them */
    char caller[DIGEST_HEX_SIZE];
    char key[DIGEST_HEX_SIZE];
};

/* Hexadecimal digits of a digest that nobody makes without the secret. what keeps
 * digests for different uses apart. */
static enum ql_code digest_keyed(struct ql_call *call, const struct ql_idempotency_seal *seal,
                                 const char *what, const void *bytes, size_t length,
                                 char ret_hex[DIGEST_HEX_SIZE])
{
    unsigned char digest[QL_KEYED_DIGEST_BYTES];
    size_t what_length = strlen(what) + 1;
    uint8_t *both = ql_arena_alloc(call->arena, what_length + length);

    if (both == NULL)
        return ql_fail_memory(call);
    memcpy(both, what, what_length);
    if (length > 0)
        memcpy(both + what_length, bytes, length);
    ql_keyed_digest(digest, seal->secret, both, what_length + length);
    (void)ql_hex(ret_hex, digest, sizeof(digest));
    return QL_OK;
}

static enum ql_code caller_digest(struct ql_call *call, const struct ql_idempotency_seal *seal,
                                  char ret_hex[DIGEST_HEX_SIZE])
{
    return digest_keyed(call, seal, "caller", seal->owner, strlen(seal->owner), ret_hex);
}

static enum ql_code row_name(struct ql_call *call, const struct ql_idempotency_seal *seal,
                             struct row *ret_row)
{
    const char *key = call->idempotency_key;
    enum ql_code rc;

    ret_row->seal = seal;
    ret_row->parameters[METHOD] = call->method;
    ret_row->parameters[KEY] = key;
    if (seal == NULL) {
        ret_row->parameters[CALLER] = ql_arena_printf(
            call->arena, "%s:%s", caller_kind(call->identity.role), call->identity.subject);
        return ret_row->parameters[CALLER] == NULL ? ql_fail_memory(call) : QL_OK;
    }
    rc = caller_digest(call, seal, ret_row->caller);
    if (rc == QL_OK)
        rc = digest_keyed(call, seal, "key", key, strlen(key), ret_row->key);
    ret_row->parameters[CALLER] = ret_row->caller;
    ret_row->parameters[KEY] = ret_row->key;
    return rc;
}

/* A request may hold a password: its digest is as good as the secret. */
static enum ql_code request_digest(struct ql_call *call, const struct ql_idempotency_seal *seal,
                                   const void *request, char ret_digest[QL_SHA256_HEX_SIZE])
{
    uint8_t *bytes;
    size_t length;
    enum ql_code rc;

    rc = ql_message_pack(call, request, &bytes, &length);
    if (rc != QL_OK)
        return rc;
    if (seal != NULL)
        return digest_keyed(call, seal, "request", bytes, length, ret_digest);
    ql_sha256_hex(ret_digest, bytes, length);
    return QL_OK;
}

/* What a sealed answer is sealed for: opened with the key of its call only, which
 * no table holds. */
static const char *seal_context(struct ql_call *call)
{
    return ql_arena_printf(call->arena, "%s %s", call->method, call->idempotency_key);
}

static enum ql_code answer_open(struct ql_call *call, const struct row *row,
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
    if (rc == QL_OK && row->seal != NULL)
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
static enum ql_code answer_repeat(struct ql_call *call, const struct row *row,
                                  const struct ql_pg_rows *rows, const char *digest,
                                  ProtobufCMessage *response)
{
    if (rows->n_rows == 0 || ql_pg_is_null(rows, 0, 1))
        return ql_fail(call, QL_INTERNAL, "IDEMPOTENT_ANSWER_MISSING",
                       "the call was committed without its answer");
    if (strcmp(ql_pg_text(rows, 0, 0), digest) != 0)
        return ql_fail(call, QL_ALREADY_EXISTS, "IDEMPOTENCY_KEY_REUSED",
                       "the Idempotency-Key came with another request before");
    return answer_open(call, row, rows, response);
}

static enum ql_code key_take(struct ql_call *call, struct ql_pg_tx *tx,
                             const struct ql_idempotency_seal *seal, const void *request,
                             ProtobufCMessage *response, bool *ret_is_repeated)
{
    char digest[QL_SHA256_HEX_SIZE];
    struct ql_pg_rows rows;
    struct row row;
    enum ql_code rc;

    rc = key_check(call);
    if (rc == QL_OK)
        rc = request_digest(call, seal, request, digest);
    if (rc == QL_OK)
        rc = row_name(call, seal, &row);
    if (rc != QL_OK)
        return rc;
    row.parameters[N_NAMES] = digest;
    rc = ql_pg_run(call, tx, &sql_idempotency_take, row.parameters, N_NAMES + 1, &rows);
    if (rc != QL_OK || rows.n_affected == 1)
        return rc;
    rc = ql_pg_run(call, tx, &sql_idempotency_get, row.parameters, N_NAMES, &rows);
    if (rc == QL_OK)
        rc = answer_repeat(call, &row, &rows, digest, response);
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
    char digest[QL_SHA256_HEX_SIZE];
    struct ql_pg_rows rows = {0};
    struct row row;
    enum ql_code rc;

    *ret_is_repeated = false;
    if (call->idempotency_key == NULL)
        return QL_OK;
    rc = key_check(call);
    if (rc == QL_OK)
        rc = request_digest(call, seal, request, digest);
    if (rc == QL_OK)
        rc = row_name(call, seal, &row);
    if (rc == QL_OK)
        rc = ql_pg_run(call, tx, &sql_idempotency_find, row.parameters, N_NAMES, &rows);
    if (rc != QL_OK || rows.n_rows == 0)
        return rc;
    rc = answer_repeat(call, &row, &rows, digest, response);
    *ret_is_repeated = rc == QL_OK;
    return rc;
}

static enum ql_code answer_keep(struct ql_call *call, struct ql_pg_tx *tx,
                                const struct ql_idempotency_seal *seal, const void *response)
{
    const char *context = seal_context(call);
    struct ql_pg_rows rows;
    struct row row;
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
    if (rc == QL_OK)
        rc = row_name(call, seal, &row);
    if (rc != QL_OK)
        return rc;
    row.parameters[N_NAMES] = ql_pg_from_bytes(call, bytes, length);
    rc = ql_pg_run(call, tx, &sql_idempotency_keep, row.parameters, N_NAMES + 1, &rows);
    if (rc == QL_OK && rows.n_affected != 1)
        return ql_fail(call, QL_INTERNAL, "IDEMPOTENCY_NOT_BEGUN",
                       "an answer for a key that this call did not take");
    return rc;
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
    char digest[DIGEST_HEX_SIZE];
    const char *const parameters[] = {digest, seal->owner};
    enum ql_code rc = caller_digest(call, seal, digest);

    if (rc != QL_OK)
        return rc;
    return ql_pg_run(call, tx, &sql_idempotency_forget, parameters, QL_ARRAY_LENGTH(parameters),
                     NULL);
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
