/* Naming rows, openly or by keyed digests. */
#include "platform/idempotency/row.h"

#include <string.h>

#include "platform/base/hex.h"
#include "platform/pb/schema/message.h"

/* A person stays the same caller when a role is given or taken. */
static const char *caller_kind(enum ql_role role)
{
    if (role == QL_ROLE_USER || role == QL_ROLE_ADMIN)
        return "user";
    return role == QL_ROLE_SERVICE ? "service" : "account";
}

/* Hexadecimal digits of a digest that nobody makes without the secret. what keeps
 * digests for different uses apart. */
static enum ql_code digest_keyed(struct ql_call *call, const struct ql_idempotency_seal *seal,
                                 const char *what, const void *bytes, size_t length,
                                 char ret_hex[QLI_IDEMPOTENCY_DIGEST_SIZE])
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

enum ql_code qli_idempotency_caller_digest(struct ql_call *call,
                                           const struct ql_idempotency_seal *seal,
                                           char ret_hex[QLI_IDEMPOTENCY_DIGEST_SIZE])
{
    return digest_keyed(call, seal, "caller", seal->owner, strlen(seal->owner), ret_hex);
}

enum ql_code qli_idempotency_name_row(struct ql_call *call, const struct ql_idempotency_seal *seal,
                                      struct qli_idempotency_row *ret_row)
{
    const char *key = call->idempotency_key;
    enum ql_code rc;

    ret_row->seal = seal;
    ret_row->parameters[QLI_IDEMPOTENCY_METHOD] = call->method;
    ret_row->parameters[QLI_IDEMPOTENCY_KEY] = key;
    if (seal == NULL) {
        ret_row->parameters[QLI_IDEMPOTENCY_CALLER] = ql_arena_printf(
            call->arena, "%s:%s", caller_kind(call->identity.role), call->identity.subject);
        return ret_row->parameters[QLI_IDEMPOTENCY_CALLER] == NULL ? ql_fail_memory(call) : QL_OK;
    }
    ret_row->parameters[QLI_IDEMPOTENCY_CALLER] = ret_row->caller;
    ret_row->parameters[QLI_IDEMPOTENCY_KEY] = ret_row->key;
    rc = qli_idempotency_caller_digest(call, seal, ret_row->caller);
    if (rc != QL_OK)
        return rc;
    return digest_keyed(call, seal, "key", key, strlen(key), ret_row->key);
}

/* A request may hold a password: with a seal its digest takes the secret to make. */
static enum ql_code digest_request(struct ql_call *call, const struct ql_idempotency_seal *seal,
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

enum ql_code qli_idempotency_row_of_request(struct ql_call *call,
                                            const struct ql_idempotency_seal *seal,
                                            const void *request,
                                            struct qli_idempotency_row *ret_row)
{
    enum ql_code rc = key_check(call);

    if (rc != QL_OK)
        return rc;
    rc = digest_request(call, seal, request, ret_row->digest);
    if (rc != QL_OK)
        return rc;
    return qli_idempotency_name_row(call, seal, ret_row);
}
