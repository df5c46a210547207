/* Claims about accounts of game servers and their keys, on a real database. */
#include "services/user/user_fixture.h"

#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "platform/auth/token_grant.h"

#include "questline/audit/v1/names.h"
#include "questline/user/v1/server.h"
#include "services/user/service_account.h"

static enum ql_code create(struct ql_call *call, const char *name, const char *const *types,
                           size_t n_types, CreateServiceAccountResponse *ret_out)
{
    CreateServiceAccountRequest in;
    ServiceAccount account;

    CreateServiceAccountRequest_init(&in);
    CreateServiceAccountResponse_init(ret_out);
    ServiceAccount_init(&account);
    account.display_name = (char *)name;
    account.event_types = (char **)types;
    account.n_event_types = n_types;
    in.service_account = &account;
    return test_rpc(call, ServiceAccountService_CreateServiceAccount_method, &in, ret_out);
}

/* An account that may publish monster.*; its id. */
static const char *make_account(struct ql_call *call)
{
    static const char *const types[] = {"monster.*", "arena.won"};
    CreateServiceAccountResponse out;

    assert_int_equal(create(call, "Arena EU", types, 2, &out), QL_OK);
    return out.service_account->service_account_id;
}

static enum ql_code create_key(struct ql_call *call, const char *account_id,
                               CreateApiKeyResponse *ret_out)
{
    CreateApiKeyRequest in;

    CreateApiKeyRequest_init(&in);
    CreateApiKeyResponse_init(ret_out);
    in.service_account_id = (char *)account_id;
    return test_rpc(call, ServiceAccountService_CreateApiKey_method, &in, ret_out);
}

static enum ql_code exchange(struct ql_call *call, const char *key, CreateTokenResponse *ret_out)
{
    CreateTokenRequest in;

    CreateTokenRequest_init(&in);
    CreateTokenResponse_init(ret_out);
    in.api_key = (char *)key;
    return test_rpc(call, ServiceAccountService_CreateToken_method, &in, ret_out);
}

static enum ql_code revoke_key(struct ql_call *call, const char *account_id, const char *key_id,
                               RevokeApiKeyResponse *ret_out)
{
    RevokeApiKeyRequest in;

    RevokeApiKeyRequest_init(&in);
    RevokeApiKeyResponse_init(ret_out);
    in.service_account_id = (char *)account_id;
    in.key_id = (char *)key_id;
    return test_rpc(call, ServiceAccountService_RevokeApiKey_method, &in, ret_out);
}

static enum ql_code disable(struct ql_call *call, const char *account_id)
{
    DisableServiceAccountRequest in;
    DisableServiceAccountResponse out;

    DisableServiceAccountRequest_init(&in);
    DisableServiceAccountResponse_init(&out);
    in.service_account_id = (char *)account_id;
    return test_rpc(call, ServiceAccountService_DisableServiceAccount_method, &in, &out);
}

static void test_types_are_custom_ones_or_their_beginnings(void **state)
{
    static const struct {
        const char *entry;
        bool is_valid;
    } cases[] = {
        {"monster.killed", true}, {"monster.*", true},   {"monster.boss.*", true},
        {"monster", false},       {"*", false},          {".*", false},
        {"monster.*.x", false},   {"Monster.*", false},  {"monster*", false},
        {"mon*.killed", false},   {"monster..*", false}, {"", false},
        {"a b.c", false},         {"monster.2", false},
    };

    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(cases); i++) {
        QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
        CreateServiceAccountResponse out;
        enum ql_code rc = create(call, "Arena", &cases[i].entry, 1, &out);

        if ((rc == QL_OK) != cases[i].is_valid)
            fail_msg("%s", cases[i].entry);
    }
}

static void test_a_bad_wish_names_its_fields(void **state)
{
    static const char *const reserved[] = {"monster.killed", EVENT_USER_SIGN_IN};
    static const char *const wide[] = {"*"};
    CreateServiceAccountResponse out;
    struct {
        const char *name;
        const char *const *types;
        size_t n_types;
        const char *field;
    } cases[] = {
        {"", reserved, 1, "serviceAccount.displayName"},
        {"line\nbreak", reserved, 1, "serviceAccount.displayName"},
        {"Arena", reserved, 2, "serviceAccount.eventTypes[1]"},
        {"Arena", wide, 1, "serviceAccount.eventTypes[0]"},
        {"Arena", reserved, 0, "serviceAccount.eventTypes"},
    };

    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(cases); i++) {
        QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);

        assert_int_equal(create(call, cases[i].name, cases[i].types, cases[i].n_types, &out),
                         QL_INVALID_ARGUMENT);
        assert_string_equal(call->status.violations[0].field, cases[i].field);
    }
}

static void test_a_key_is_exchanged_for_a_token_with_what_is_granted(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    struct ql_identity identity;
    CreateApiKeyResponse key;
    CreateTokenResponse token;
    const char *account_id, *grant;

    (void)state;
    account_id = make_account(call);
    assert_int_equal(create_key(call, account_id, &key), QL_OK);
    assert_int_equal(strlen(key.api_key), API_KEY_SIZE - 1);
    assert_int_equal(test_sql(&database,
                              "SELECT count(*) FROM api_keys WHERE key_id = '%s' AND key_hash = "
                              "sha256('%s') AND last_used_at IS NULL",
                              key.key->key_id, key.api_key),
                     1);
    assert_int_equal(exchange(call, key.api_key, &token), QL_OK);
    assert_int_equal(ql_verify_token(call, keys.verifier, token.access_token, &identity), QL_OK);
    assert_int_equal(identity.role, QL_ROLE_PUBLISHER);
    assert_string_equal(identity.subject, account_id);
    assert_int_equal(ql_token_event_grant(call, token.access_token, &grant), QL_OK);
    assert_string_equal(grant, "monster.* arena.won");
    assert_int_equal(
        test_sql(&database, "SELECT count(*) FROM api_keys WHERE last_used_at IS NOT NULL"), 1);
}

static void assert_bad_key(const char *text)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    CreateTokenResponse token;

    if (text[0] == '\0') {
        assert_int_equal(exchange(call, text, &token), QL_INVALID_ARGUMENT);
        assert_string_equal(call->status.violations[0].field, "apiKey");
        return;
    }
    assert_int_equal(exchange(call, text, &token), QL_UNAUTHENTICATED);
    assert_string_equal(call->status.reason, "BAD_API_KEY");
}

static void test_no_other_key_is_exchanged(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    CreateApiKeyResponse revoked, disabled;
    RevokeApiKeyResponse out;
    char unknown[API_KEY_SIZE];
    const char *account_id, *other_id;

    (void)state;
    account_id = make_account(call);
    other_id = make_account(call);
    assert_int_equal(create_key(call, account_id, &revoked), QL_OK);
    assert_int_equal(create_key(call, account_id, &disabled), QL_OK);
    assert_int_equal(revoke_key(call, other_id, revoked.key->key_id, &out), QL_NOT_FOUND);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(revoke_key(call, account_id, revoked.key->key_id, &out), QL_OK);
        assert_non_null(out.key->revoked_at);
    }
    assert_bad_key(revoked.api_key);
    for (int i = 0; i < 2; i++)
        assert_int_equal(disable(call, account_id), QL_OK);
    assert_bad_key(disabled.api_key);
    api_key_new(unknown);
    assert_bad_key(unknown);
    assert_bad_key("");
    assert_int_equal(create_key(call, account_id, &revoked), QL_FAILED_PRECONDITION);
    assert_string_equal(call->status.reason, "SERVICE_ACCOUNT_DISABLED");
    assert_int_equal(create_key(call, "nobody", &revoked), QL_NOT_FOUND);
}

/* A key would outlive what is left of the token. */
static void test_who_was_an_administrator_gets_no_key(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    const char *account_id = make_account(call);
    char admin_id[QL_UUID_SIZE];
    CreateApiKeyResponse key;

    (void)state;
    test_user_insert(admin_id);
    call->identity.role = QL_ROLE_ADMIN;
    snprintf(call->identity.subject, sizeof(call->identity.subject), "%s", admin_id);
    assert_int_equal(create_key(call, account_id, &key), QL_PERMISSION_DENIED);
    assert_string_equal(call->status.reason, "ROLE_NOT_ALLOWED");
    test_sql(&database, "UPDATE users SET role = 'admin' WHERE user_id = '%s'", admin_id);
    assert_int_equal(create_key(call, account_id, &key), QL_OK);
}

static void test_each_action_is_recorded_once_with_the_account(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    int64_t n_revoked = test_n_announced(EVENT_TOKENS_REVOKED);
    int64_t n_recorded = test_n_announced(EVENT_ADMIN_ACTED);
    char admin_id[QL_UUID_SIZE];
    CreateApiKeyResponse key;
    RevokeApiKeyResponse out;
    const char *account_id;

    (void)state;
    test_user_insert(admin_id);
    test_sql(&database, "UPDATE users SET role = 'admin' WHERE user_id = '%s'", admin_id);
    call->identity.role = QL_ROLE_ADMIN;
    snprintf(call->identity.subject, sizeof(call->identity.subject), "%s", admin_id);
    account_id = make_account(call);
    assert_int_equal(create_key(call, account_id, &key), QL_OK);
    for (int i = 0; i < 2; i++)
        assert_int_equal(revoke_key(call, account_id, key.key->key_id, &out), QL_OK);
    for (int i = 0; i < 2; i++)
        assert_int_equal(disable(call, account_id), QL_OK);
    assert_int_equal(test_n_announced(EVENT_ADMIN_ACTED), n_recorded + 4);
    assert_int_equal(test_n_announced(EVENT_TOKENS_REVOKED), n_revoked + 2);
    assert_int_equal(test_sql(&database,
                              "SELECT count(*) FROM outbox WHERE event_type = 'AdminActed' AND "
                              "position('apiKey/%s'::bytea in bytes) > 0 AND "
                              "position('serviceAccountId'::bytea in bytes) > 0 AND "
                              "position('%s'::bytea in bytes) > 0",
                              key.key->key_id, account_id),
                     2);
}

static void test_an_account_has_a_bounded_number_of_good_keys(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    CreateApiKeyResponse key;
    RevokeApiKeyResponse revoked;
    ListApiKeysRequest in;
    ListApiKeysResponse out;
    const char *account_id;

    (void)state;
    account_id = make_account(call);
    for (int i = 0; i < SERVICE_ACCOUNT_GOOD_KEYS_MAX; i++)
        assert_int_equal(create_key(call, account_id, &key), QL_OK);
    assert_int_equal(create_key(call, account_id, &key), QL_FAILED_PRECONDITION);
    assert_string_equal(call->status.reason, "TOO_MANY_API_KEYS");

    ListApiKeysRequest_init(&in);
    ListApiKeysResponse_init(&out);
    in.service_account_id = (char *)account_id;
    assert_int_equal(test_rpc(call, ServiceAccountService_ListApiKeys_method, &in, &out), QL_OK);
    assert_int_equal(out.n_keys, SERVICE_ACCOUNT_GOOD_KEYS_MAX);
    assert_int_equal(revoke_key(call, account_id, out.keys[0]->key_id, &revoked), QL_OK);
    assert_int_equal(create_key(call, account_id, &key), QL_OK);
}

static void test_pages_hold_every_account_once(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    ListServiceAccountsRequest in;
    ListServiceAccountsResponse out;
    int64_t n = 0, n_pages = 0;

    (void)state;
    (void)make_account(call);
    (void)make_account(call);
    ListServiceAccountsRequest_init(&in);
    in.page_size = 1;
    do {
        ListServiceAccountsResponse_init(&out);
        assert_int_equal(
            test_rpc(call, ServiceAccountService_ListServiceAccounts_method, &in, &out), QL_OK);
        n += (int64_t)out.n_service_accounts;
        in.page_token = out.next_page_token;
    } while (out.next_page_token[0] != '\0' && ++n_pages < 100);
    assert_int_equal(n, test_sql(&database, "SELECT count(*) FROM service_accounts"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_bad_wish_names_its_fields),
        cmocka_unit_test(test_types_are_custom_ones_or_their_beginnings),
        cmocka_unit_test(test_a_key_is_exchanged_for_a_token_with_what_is_granted),
        cmocka_unit_test(test_no_other_key_is_exchanged),
        cmocka_unit_test(test_who_was_an_administrator_gets_no_key),
        cmocka_unit_test(test_each_action_is_recorded_once_with_the_account),
        cmocka_unit_test(test_an_account_has_a_bounded_number_of_good_keys),
        cmocka_unit_test(test_pages_hold_every_account_once),
    };
    int rc = test_user_start();

    if (rc == 0)
        rc = cmocka_run_group_tests(tests, NULL, NULL);
    test_user_stop();
    return rc;
}
