/* Claims about changing a password, on a real database. */
#include "questline/audit/v1/names.h"
#include "questline/user/v1/server.h"
#include "services/user/user_fixture.h"

#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#define OLD "correct horse"
#define NEW "battery staple"

/* A user with two sessions. */
struct owner {
    const char *name;
    char user_id[QL_UUID_SIZE];
    char token[QL_REFRESH_TOKEN_SIZE], other_token[QL_REFRESH_TOKEN_SIZE];
};

static void sign_in(const char *name, char ret_token[QL_REFRESH_TOKEN_SIZE])
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    CreateSessionResponse out;

    assert_int_equal(test_sign_in(call, name, OLD, &out), QL_OK);
    snprintf(ret_token, QL_REFRESH_TOKEN_SIZE, "%s", out.refresh_token);
}

static void make_owner(const char *name, struct owner *ret)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    CreateUserResponse created;

    assert_int_equal(test_create_user(call, name, OLD, &created), QL_OK);
    ret->name = name;
    snprintf(ret->user_id, sizeof(ret->user_id), "%s", created.user->user_id);
    sign_in(name, ret->token);
    sign_in(name, ret->other_token);
}

static void make_admin(char ret_user_id[QL_UUID_SIZE])
{
    test_user_insert(ret_user_id);
    test_sql(&database, "UPDATE users SET role = 'admin' WHERE user_id = '%s'", ret_user_id);
}

/* Changes the owner's password, as somebody of that role and id. */
static enum ql_code change_to(struct ql_call *call, enum ql_role role, const char *caller_id,
                              const struct owner *owner, const char *current,
                              const char *new_password, const char *token)
{
    ChangePasswordResponse out;
    ChangePasswordRequest in;

    call->identity.role = role;
    snprintf(call->identity.subject, sizeof(call->identity.subject), "%s", caller_id);
    ChangePasswordRequest_init(&in);
    ChangePasswordResponse_init(&out);
    in.user_id = (char *)owner->user_id;
    in.current_password = (char *)current;
    in.new_password = (char *)new_password;
    in.refresh_token = (char *)token;
    return test_rpc(call, UserService_ChangePassword_method, &in, &out);
}

static enum ql_code change(struct ql_call *call, enum ql_role role, const char *caller_id,
                           const struct owner *owner, const char *current, const char *token)
{
    return change_to(call, role, caller_id, owner, current, NEW, token);
}

static enum ql_code refresh(const char *token)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    RefreshSessionResponse out;
    RefreshSessionRequest in;

    RefreshSessionRequest_init(&in);
    RefreshSessionResponse_init(&out);
    in.refresh_token = (char *)token;
    return test_rpc(call, SessionService_RefreshSession_method, &in, &out);
}

static void assert_password(const char *name, const char *good, const char *bad)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    CreateSessionResponse out;

    assert_int_equal(test_sign_in(call, name, bad, &out), QL_UNAUTHENTICATED);
    assert_int_equal(test_sign_in(call, name, good, &out), QL_OK);
}

static void test_owner_changes_it_and_the_other_sessions_end(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    int64_t n_recorded = test_n_announced(EVENT_ADMIN_ACTED);
    int64_t n_revoked = test_n_announced(EVENT_TOKENS_REVOKED);
    struct owner owner;

    (void)state;
    make_owner("careful", &owner);
    assert_int_equal(change(call, QL_ROLE_USER, owner.user_id, &owner, OLD, owner.token), QL_OK);
    assert_int_equal(refresh(owner.token), QL_OK);
    assert_int_equal(refresh(owner.other_token), QL_UNAUTHENTICATED);
    assert_password("careful", NEW, OLD);
    assert_int_equal(test_n_announced(EVENT_ADMIN_ACTED), n_recorded);
    assert_int_equal(test_n_announced(EVENT_TOKENS_REVOKED), n_revoked + 1);
}

static void test_without_a_session_of_the_user_all_end(void **state)
{
    struct owner owner, stranger;

    (void)state;
    make_owner("stranger", &stranger);
    for (int i = 0; i < 2; i++) {
        QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);

        make_owner(i == 0 ? "alone" : "confused", &owner);
        assert_int_equal(
            change(call, QL_ROLE_USER, owner.user_id, &owner, OLD, i == 0 ? "" : stranger.token),
            QL_OK);
        assert_int_equal(refresh(owner.token), QL_UNAUTHENTICATED);
        assert_int_equal(refresh(owner.other_token), QL_UNAUTHENTICATED);
    }
    assert_int_equal(refresh(stranger.token), QL_OK);
}

static void test_wrong_current_password_changes_nothing(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    struct owner owner;

    (void)state;
    make_owner("guessed", &owner);
    assert_int_equal(change(call, QL_ROLE_USER, owner.user_id, &owner, NEW, owner.token),
                     QL_PERMISSION_DENIED);
    assert_string_equal(call->status.reason, "WRONG_PASSWORD");
    assert_int_equal(change(call, QL_ROLE_USER, owner.user_id, &owner, "", owner.token),
                     QL_INVALID_ARGUMENT);
    assert_string_equal(call->status.violations[0].field, "currentPassword");
    assert_int_equal(refresh(owner.other_token), QL_OK);
    assert_password("guessed", OLD, NEW);
}

static void test_current_password_is_no_new_one_however_typed(void **state)
{
    static const char *const typed[] = {OLD, "correct\u00a0horse"};
    int64_t n_revoked = test_n_announced(EVENT_TOKENS_REVOKED);
    struct owner owner;

    (void)state;
    make_owner("content", &owner);
    for (size_t i = 0; i < QL_ARRAY_LENGTH(typed); i++) {
        QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);

        assert_int_equal(
            change_to(call, QL_ROLE_USER, owner.user_id, &owner, OLD, typed[i], owner.token),
            QL_INVALID_ARGUMENT);
        assert_string_equal(call->status.violations[0].field, "newPassword");
    }
    assert_int_equal(refresh(owner.other_token), QL_OK);
    assert_int_equal(test_n_announced(EVENT_TOKENS_REVOKED), n_revoked);
}

/* An administrator's change is not counted, and passes behind the limit. */
static void test_users_who_change_theirs_without_end_are_refused(void **state)
{
    int64_t limit = app.settings.quotas.limits[QUOTA_CHANGES];
    char admin_id[QL_UUID_SIZE];
    struct owner owner;
    int64_t n_revoked;

    (void)state;
    make_admin(admin_id);
    make_owner("fickle", &owner);
    n_revoked = test_n_announced(EVENT_TOKENS_REVOKED);
    app.settings.quotas.limits[QUOTA_CHANGES] = 2;
    for (int i = 0; i < 4; i++) {
        QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
        bool is_even = i % 2 == 0;

        assert_int_equal(change_to(call, QL_ROLE_USER, owner.user_id, &owner, is_even ? OLD : NEW,
                                   is_even ? NEW : OLD, owner.token),
                         i < 2    ? QL_OK
                         : i == 2 ? QL_RESOURCE_EXHAUSTED
                                  : QL_PERMISSION_DENIED);
        if (i != 2)
            continue;
        assert_string_equal(call->status.reason, "TOO_MANY_CHANGES");
        assert_true(call->status.retry_delay_ms > 0);
    }
    assert_int_equal(test_n_announced(EVENT_TOKENS_REVOKED), n_revoked + 2);
    {
        QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);

        assert_int_equal(change(call, QL_ROLE_ADMIN, admin_id, &owner, "", ""), QL_OK);
    }
    app.settings.quotas.limits[QUOTA_CHANGES] = limit;
    assert_password("fickle", NEW, OLD);
}

static void test_administrator_sets_it_for_another_and_proves_their_own(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    int64_t n_recorded = test_n_announced(EVENT_ADMIN_ACTED);
    char shouted_id[QL_UUID_SIZE] = "", admin_id[QL_UUID_SIZE];
    struct owner owner;

    (void)state;
    make_owner("forgetful", &owner);
    for (size_t i = 0; i < sizeof(shouted_id); i++)
        shouted_id[i] =
            (char)(owner.user_id[i] >= 'a' && owner.user_id[i] <= 'f' ? owner.user_id[i] - 'a' + 'A'
                                                                      : owner.user_id[i]);
    assert_int_equal(change(call, QL_ROLE_ADMIN, shouted_id, &owner, "", ""), QL_INVALID_ARGUMENT);
    assert_int_equal(change(call, QL_ROLE_ADMIN, owner.user_id, &owner, NEW, ""),
                     QL_PERMISSION_DENIED);
    assert_int_equal(test_n_announced(EVENT_ADMIN_ACTED), n_recorded);
    make_admin(admin_id);
    assert_int_equal(change(call, QL_ROLE_ADMIN, admin_id, &owner, "", ""), QL_OK);
    assert_int_equal(test_n_announced(EVENT_ADMIN_ACTED), n_recorded + 1);
    assert_int_equal(refresh(owner.token), QL_UNAUTHENTICATED);
    assert_password("forgetful", NEW, OLD);
}

static void test_who_was_an_administrator_sets_nobody_elses(void **state)
{
    static const char *const ends[] = {"role = 'user'", "status = 'BANNED'", "status = 'DELETED'"};
    struct owner owner;

    (void)state;
    make_owner("coveted", &owner);
    for (size_t i = 0; i < QL_ARRAY_LENGTH(ends); i++) {
        QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
        char admin_id[QL_UUID_SIZE];

        make_admin(admin_id);
        test_sql(&database, "UPDATE users SET %s WHERE user_id = '%s'", ends[i], admin_id);
        assert_int_equal(change(call, QL_ROLE_ADMIN, admin_id, &owner, "", ""),
                         QL_PERMISSION_DENIED);
        assert_string_equal(call->status.reason, "ROLE_NOT_ALLOWED");
    }
    assert_password("coveted", OLD, NEW);
}

static void test_operator_proves_the_password_and_is_recorded(void **state)
{
    int64_t n_recorded = test_n_announced(EVENT_ADMIN_ACTED);
    struct owner owner;

    (void)state;
    make_owner("assisted", &owner);
    for (int i = 0; i < 2; i++) {
        QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);

        assert_int_equal(
            change(call, QL_ROLE_SERVICE, "questctl", &owner, i == 0 ? NEW : OLD, owner.token),
            i == 0 ? QL_PERMISSION_DENIED : QL_OK);
        assert_int_equal(test_n_announced(EVENT_ADMIN_ACTED), n_recorded + i);
    }
}

static void test_banned_and_deleted_users_change_nothing(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    char admin_id[QL_UUID_SIZE];
    struct owner owner;

    (void)state;
    make_admin(admin_id);
    make_owner("outcast", &owner);
    test_sql(&database, "UPDATE users SET status = 'BANNED' WHERE user_id = '%s'", owner.user_id);
    assert_int_equal(change(call, QL_ROLE_USER, owner.user_id, &owner, OLD, ""),
                     QL_PERMISSION_DENIED);
    assert_string_equal(call->status.reason, "USER_BANNED");
    test_sql(&database, "UPDATE users SET status = 'DELETED' WHERE user_id = '%s'", owner.user_id);
    assert_int_equal(change(call, QL_ROLE_ADMIN, admin_id, &owner, "", ""), QL_FAILED_PRECONDITION);
    assert_string_equal(call->status.reason, "USER_DELETED");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_owner_changes_it_and_the_other_sessions_end),
        cmocka_unit_test(test_without_a_session_of_the_user_all_end),
        cmocka_unit_test(test_wrong_current_password_changes_nothing),
        cmocka_unit_test(test_current_password_is_no_new_one_however_typed),
        cmocka_unit_test(test_users_who_change_theirs_without_end_are_refused),
        cmocka_unit_test(test_administrator_sets_it_for_another_and_proves_their_own),
        cmocka_unit_test(test_who_was_an_administrator_sets_nobody_elses),
        cmocka_unit_test(test_operator_proves_the_password_and_is_recorded),
        cmocka_unit_test(test_banned_and_deleted_users_change_nothing),
    };
    int rc = test_user_start();

    if (rc == 0)
        rc = cmocka_run_group_tests(tests, NULL, NULL);
    test_user_stop();
    return rc;
}
