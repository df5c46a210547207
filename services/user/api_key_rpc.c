/* ServiceAccountService, the keys: made, listed and revoked by administrators,
 * exchanged for tokens by game servers. */
#include <string.h>

#include "platform/audit/audit.h"
#include "platform/service/page.h"
#include "questline/user/v1/server.h"
#include "services/user/api_key_store.h"
#include "services/user/caller.h"
#include "services/user/service_account_pb.h"
#include "services/user/service_account_store.h"
#include "services/user/token_revocation.h"
#include "services/user/user_service.h"

enum { KEYS_SHOWN_MAX = 100 };

/* The account, locked, if it may have one more key. */
static enum ql_code lock_for_key(struct ql_call *call, struct ql_pg_tx *tx, const char *account_id,
                                 struct service_account *ret_account)
{
    int64_t n_good;
    enum ql_code rc;

    rc = service_account_store_lock(call, tx, account_id, ret_account);
    if (rc != QL_OK)
        return rc;
    rc = caller_check_admin(call, tx);
    if (rc != QL_OK)
        return rc;
    if (ret_account->is_disabled)
        return ql_fail(call, QL_FAILED_PRECONDITION, "SERVICE_ACCOUNT_DISABLED",
                       "the service account is disabled");
    rc = api_key_store_count_good(call, tx, account_id, &n_good);
    if (rc != QL_OK)
        return rc;
    if (n_good >= SERVICE_ACCOUNT_GOOD_KEYS_MAX)
        return ql_fail(call, QL_FAILED_PRECONDITION, "TOO_MANY_API_KEYS",
                       "an account has at most %d keys: revoke one", SERVICE_ACCOUNT_GOOD_KEYS_MAX);
    return QL_OK;
}

/* A key's id alone does not reveal its account. */
static enum ql_code record_action(struct ql_call *call, struct ql_pg_tx *tx, const char *account_id,
                                  const struct api_key *key)
{
    const struct ql_audit_fact facts[] = {{"serviceAccountId", account_id}, {0}};

    return ql_audit_record(call, tx, "apiKey", key->key_id, facts);
}

/* Stores a new key and fills the answer. */
static enum ql_code make_key(struct ql_call *call, struct ql_pg_tx *tx, const char *account_id,
                             CreateApiKeyResponse *out)
{
    char text[API_KEY_SIZE], hash[QL_SHA256_HEX_SIZE];
    struct service_account account;
    struct api_key key = {0};
    enum ql_code rc;

    rc = lock_for_key(call, tx, account_id, &account);
    if (rc != QL_OK)
        return rc;
    ql_uuid_new(key.key_id);
    api_key_new(text);
    api_key_hash(text, hash);
    rc = api_key_store_insert(call, tx, account.service_account_id, hash, &key);
    if (rc != QL_OK)
        return rc;
    rc = record_action(call, tx, account.service_account_id, &key);
    if (rc != QL_OK)
        return rc;
    out->key = api_key_to_pb(call, &key);
    out->api_key = ql_arena_strdup(call->arena, text);
    return out->key == NULL || out->api_key == NULL ? ql_fail_memory(call) : QL_OK;
}

/* CreateApiKey: the only answer that holds the key, and what repeats it. */
static enum ql_code api_key_rpc_create(struct ql_call *call, const CreateApiKeyRequest *in,
                                       CreateApiKeyResponse *out)
{
    struct user_service *app = call->app;
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    struct ql_idempotency_seal seal;
    bool is_repeated;
    enum ql_code rc;

    rc = user_service_seal(call, "user", call->identity.subject, &seal);
    if (rc != QL_OK)
        return rc;
    rc = ql_pg_begin(call, app->parts.pg, &tx);
    if (rc != QL_OK)
        return rc;
    rc = ql_idempotency_begin_sealed(call, tx, &seal, in, out, &is_repeated);
    if (rc != QL_OK)
        return rc;
    if (is_repeated)
        return caller_check_admin(call, tx);
    rc = make_key(call, tx, in->service_account_id, out);
    if (rc != QL_OK)
        return rc;
    rc = ql_idempotency_finish_sealed(call, tx, &seal, out);
    if (rc != QL_OK)
        return rc;
    return ql_service_commit(call, &tx);
}

static void *key_message(struct ql_call *call, const void *row)
{
    return api_key_to_pb(call, row);
}

/* ListApiKeys: what is known of an account's keys. */
static enum ql_code api_key_rpc_list(struct ql_call *call, const ListApiKeysRequest *in,
                                     ListApiKeysResponse *out)
{
    struct user_service *app = call->app;
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    struct service_account account;
    struct api_key *keys;
    size_t n_keys;
    enum ql_code rc;

    rc = ql_pg_begin(call, app->parts.pg, &tx);
    if (rc != QL_OK)
        return rc;
    rc = service_account_store_lock(call, tx, in->service_account_id, &account);
    if (rc != QL_OK)
        return rc;
    rc = api_key_store_list(call, tx, account.service_account_id, KEYS_SHOWN_MAX, &keys, &n_keys);
    if (rc != QL_OK)
        return rc;
    return ql_page_fill(call, NULL,
                        &(const struct ql_page_rows){keys, n_keys, sizeof(*keys), key_message}, out,
                        "keys", &n_keys);
}

/* RevokeApiKey: the key opens nothing any more, nor do the account's tokens. Other
 * keys of the account are exchanged for new ones. */
static enum ql_code api_key_rpc_revoke(struct ql_call *call, const RevokeApiKeyRequest *in,
                                       RevokeApiKeyResponse *out)
{
    struct user_service *app = call->app;
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    bool is_new = false;
    struct api_key key;
    enum ql_code rc;

    rc = ql_pg_begin(call, app->parts.pg, &tx);
    if (rc != QL_OK)
        return rc;
    rc = api_key_store_revoke(call, tx, in->service_account_id, in->key_id, &key, &is_new);
    if (rc != QL_OK)
        return rc;
    if (is_new)
        rc = record_action(call, tx, in->service_account_id, &key);
    if (rc != QL_OK)
        return rc;
    if (is_new)
        rc = token_revoke_service_account(call, tx, in->service_account_id);
    if (rc != QL_OK)
        return rc;
    rc = ql_service_commit(call, &tx);
    if (rc != QL_OK)
        return rc;
    out->key = api_key_to_pb(call, &key);
    return out->key == NULL ? ql_fail_memory(call) : QL_OK;
}

/* Does not report why the key is not good. */
static enum ql_code refuse_key(struct ql_call *call)
{
    return ql_fail(call, QL_UNAUTHENTICATED, "BAD_API_KEY", "the key is not good");
}

/* CreateToken: a key for a token. */
static enum ql_code api_key_rpc_exchange(struct ql_call *call, const CreateTokenRequest *in,
                                         CreateTokenResponse *out)
{
    struct user_service *app = call->app;
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    char hash[QL_SHA256_HEX_SIZE], token[QL_TOKEN_MAX];
    struct service_account account;
    struct ql_identity identity;
    enum ql_code rc;

    if (strlen(in->api_key) != API_KEY_SIZE - 1)
        return refuse_key(call);
    api_key_hash(in->api_key, hash);
    rc = ql_pg_begin(call, app->parts.pg, &tx);
    if (rc != QL_OK)
        return rc;
    rc = api_key_store_use(call, tx, hash, &account);
    if (rc == QL_NOT_FOUND)
        return refuse_key(call);
    if (rc != QL_OK)
        return rc;
    rc = ql_pg_commit(call, &tx);
    if (rc != QL_OK)
        return rc;
    token_identity_of_service_account(&account, &identity);
    rc = ql_sign_account_token(call, app->parts.signer, &identity, account.event_grant, token);
    if (rc != QL_OK)
        return rc;
    out->access_token = ql_arena_strdup(call->arena, token);
    out->expires_in = QL_ACCOUNT_TOKEN_LIFE_S;
    return out->access_token == NULL ? ql_fail_memory(call) : QL_OK;
}

QL_RPC_SERVE(ServiceAccountService_CreateApiKey, api_key_rpc_create)
QL_RPC_SERVE(ServiceAccountService_ListApiKeys, api_key_rpc_list)
QL_RPC_SERVE(ServiceAccountService_RevokeApiKey, api_key_rpc_revoke)
QL_RPC_SERVE(ServiceAccountService_CreateToken, api_key_rpc_exchange)
