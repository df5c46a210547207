/* Claims about what administrators do with accounts, on a real database. */
#include "questline/audit/v1/names.h"
#include "questline/user/v1/server.h"
#include "services/user/user_fixture.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#define PASSWORD "correct horse"
#define NOBODY   "018f0000-0000-7000-8000-00000000dead"

static char boss_id[QL_UUID_SIZE];

static void act_as(struct ql_call *call, const char *user_id)
{
    call->identity.role = QL_ROLE_ADMIN;
    snprintf(call->identity.subject, sizeof(call->identity.subject), "%s", user_id);
}

/* A call of the administrator who does things here. */
static struct ql_call *call_new(void)
{
    struct ql_call *call = test_call_new(&app);

    act_as(call, boss_id);
    return call;
}

static enum ql_code ban(struct ql_call *call, const char *user_id, BanUserResponse *ret_out)
{
    BanUserRequest in;

    BanUserRequest_init(&in);
    BanUserResponse_init(ret_out);
    in.user_id = (char *)user_id;
    return test_rpc(call, UserAdminService_BanUser_method, &in, ret_out);
}

static enum ql_code unban(struct ql_call *call, const char *user_id, UnbanUserResponse *ret_out)
{
    UnbanUserRequest in;

    UnbanUserRequest_init(&in);
    UnbanUserResponse_init(ret_out);
    in.user_id = (char *)user_id;
    return test_rpc(call, UserAdminService_UnbanUser_method, &in, ret_out);
}

static enum ql_code set_role(struct ql_call *call, const char *user_id,
                             Questline__User__V1__UserRole role, SetUserRoleResponse *ret_out)
{
    SetUserRoleRequest in;

    SetUserRoleRequest_init(&in);
    SetUserRoleResponse_init(ret_out);
    in.user_id = (char *)user_id;
    in.role = role;
    return test_rpc(call, UserAdminService_SetUserRole_method, &in, ret_out);
}

static void make_user(const char *user_name, char ret_user_id[QL_UUID_SIZE])
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    CreateUserResponse created;

    assert_int_equal(test_create_user(call, user_name, PASSWORD, &created), QL_OK);
    snprintf(ret_user_id, QL_UUID_SIZE, "%s", created.user->user_id);
}

static int64_t token_generation(const char *user_id)
{
    return test_sql(&database, "SELECT token_generation FROM users WHERE user_id = '%s'", user_id);
}

static void test_ban_ends_sessions_and_lets_nobody_in_until_it_ends(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = call_new();
    int64_t n_recorded = test_n_announced(EVENT_ADMIN_ACTED);
    int64_t n_revoked = test_n_announced(EVENT_TOKENS_REVOKED);
    int64_t n_banned = test_n_announced(EVENT_USER_BANNED);
    int64_t n_unbanned = test_n_announced(EVENT_USER_UNBANNED);
    CreateSessionResponse session;
    char user_id[QL_UUID_SIZE];
    UnbanUserResponse unbanned;
    BanUserResponse banned;

    (void)state;
    make_user("naughty", user_id);
    assert_int_equal(test_sign_in(call, "naughty", PASSWORD, &session), QL_OK);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(ban(call, user_id, &banned), QL_OK);
        assert_string_equal(banned.user->user_id, user_id);
        assert_int_equal(banned.user->status, USER_STATUS_BANNED);
    }
    assert_int_equal(
        test_sql(&database, "SELECT count(*) FROM sessions WHERE user_id = '%s'", user_id), 0);
    assert_int_equal(test_sign_in(call, "naughty", PASSWORD, &session), QL_PERMISSION_DENIED);
    assert_int_equal(test_n_announced(EVENT_ADMIN_ACTED), n_recorded + 1);
    assert_int_equal(test_n_announced(EVENT_TOKENS_REVOKED), n_revoked + 1);
    assert_int_equal(test_n_announced(EVENT_USER_BANNED), n_banned + 1);
    assert_int_equal(token_generation(user_id), 1);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(unban(call, user_id, &unbanned), QL_OK);
        assert_int_equal(unbanned.user->status, USER_STATUS_ACTIVE);
    }
    assert_int_equal(test_n_announced(EVENT_ADMIN_ACTED), n_recorded + 2);
    assert_int_equal(test_n_announced(EVENT_USER_UNBANNED), n_unbanned + 1);
    assert_int_equal(test_sign_in(call, "naughty", PASSWORD, &session), QL_OK);
}

static void test_unbanned_user_is_what_they_were(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = call_new();
    int64_t n_new = test_n_announced(EVENT_NEW_USER_SIGN_IN);
    CreateSessionResponse session;
    char user_id[QL_UUID_SIZE];
    UnbanUserResponse unbanned;
    BanUserResponse banned;

    (void)state;
    make_user("never.there", user_id);
    assert_int_equal(ban(call, user_id, &banned), QL_OK);
    assert_int_equal(unban(call, user_id, &unbanned), QL_OK);
    assert_int_equal(unbanned.user->status, USER_STATUS_NEW);
    assert_int_equal(test_sign_in(call, "never.there", PASSWORD, &session), QL_OK);
    assert_int_equal(test_n_announced(EVENT_NEW_USER_SIGN_IN), n_new + 1);
    assert_int_equal(ban(call, user_id, &banned), QL_OK);
    assert_int_equal(unban(call, user_id, &unbanned), QL_OK);
    assert_int_equal(unbanned.user->status, USER_STATUS_ACTIVE);
    /* Banned by hand: nobody knows, and a first sign-in must not come twice. */
    test_sql(&database, "UPDATE users SET status = 'BANNED' WHERE user_id = '%s'", user_id);
    assert_int_equal(unban(call, user_id, &unbanned), QL_OK);
    assert_int_equal(unbanned.user->status, USER_STATUS_ACTIVE);
}

static void test_role_is_set_once_and_recorded_with_its_name(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = call_new();
    int64_t n_recorded = test_n_announced(EVENT_ADMIN_ACTED);
    char user_id[QL_UUID_SIZE];
    SetUserRoleResponse out;

    (void)state;
    make_user("deputy", user_id);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(set_role(call, user_id, USER_ROLE_ADMIN, &out), QL_OK);
        assert_int_equal(out.user->role, USER_ROLE_ADMIN);
    }
    assert_int_equal(test_n_announced(EVENT_ADMIN_ACTED), n_recorded + 1);
    assert_int_equal(token_generation(user_id), 0); /* more than before takes nothing away */
    assert_int_equal(set_role(call, user_id, USER_ROLE_USER, &out), QL_OK);
    assert_int_equal(token_generation(user_id), 1);
    assert_int_equal(out.user->role, USER_ROLE_USER);
    assert_int_equal(test_n_announced(EVENT_ADMIN_ACTED), n_recorded + 2);
    assert_int_equal(set_role(call, user_id, USER_ROLE_UNSPECIFIED, &out), QL_INVALID_ARGUMENT);
    assert_string_equal(call->status.violations[0].field, "role");
}

static void test_last_administrator_can_neither_go_nor_be_banned(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = call_new();
    char other_id[QL_UUID_SIZE];
    SetUserRoleResponse out;
    BanUserResponse banned;

    (void)state;
    assert_int_equal(set_role(call, boss_id, USER_ROLE_USER, &out), QL_FAILED_PRECONDITION);
    assert_string_equal(call->status.reason, "LAST_ADMIN");
    assert_int_equal(ban(call, boss_id, &banned), QL_FAILED_PRECONDITION);
    assert_string_equal(call->status.reason, "LAST_ADMIN");
    /* A second one that is banned is none to rely on; a second one that may is. */
    make_user("second", other_id);
    assert_int_equal(set_role(call, other_id, USER_ROLE_ADMIN, &out), QL_OK);
    assert_int_equal(ban(call, other_id, &banned), QL_OK);
    assert_int_equal(set_role(call, boss_id, USER_ROLE_USER, &out), QL_FAILED_PRECONDITION);
    test_sql(&database, "UPDATE users SET status = 'NEW' WHERE user_id = '%s'", other_id);
    assert_int_equal(set_role(call, boss_id, USER_ROLE_USER, &out), QL_OK);
    act_as(call, other_id);
    assert_int_equal(ban(call, other_id, &banned), QL_FAILED_PRECONDITION);
    assert_int_equal(set_role(call, boss_id, USER_ROLE_ADMIN, &out), QL_OK);
    act_as(call, boss_id);
    assert_int_equal(set_role(call, other_id, USER_ROLE_USER, &out), QL_OK);
}

/* With the token of before, which lives on for minutes. */
static void test_who_was_an_administrator_does_nothing_more(void **state)
{
    static const char *const ends[] = {"role = 'user'", "status = 'BANNED'", "status = 'DELETED'"};
    char former_id[QL_UUID_SIZE], victim_id[QL_UUID_SIZE];
    int64_t n_recorded = test_n_announced(EVENT_ADMIN_ACTED);
    UnbanUserResponse unbanned;
    SetUserRoleResponse out;
    BanUserResponse banned;

    (void)state;
    test_user_insert(victim_id);
    for (size_t i = 0; i < QL_ARRAY_LENGTH(ends); i++) {
        QL_CLEANUP(test_call_freep) struct ql_call *call = call_new();

        test_user_insert(former_id);
        test_sql(&database, "UPDATE users SET role = 'admin' WHERE user_id = '%s'", former_id);
        test_sql(&database, "UPDATE users SET %s WHERE user_id = '%s'", ends[i], former_id);
        act_as(call, former_id);
        assert_int_equal(ban(call, victim_id, &banned), QL_PERMISSION_DENIED);
        assert_string_equal(call->status.reason, "ROLE_NOT_ALLOWED");
        assert_int_equal(set_role(call, victim_id, USER_ROLE_ADMIN, &out), QL_PERMISSION_DENIED);
        if (strstr(ends[i], "DELETED") != NULL)
            continue;
        assert_int_equal(set_role(call, former_id, USER_ROLE_ADMIN, &out), QL_PERMISSION_DENIED);
        assert_int_equal(unban(call, former_id, &unbanned), QL_PERMISSION_DENIED);
    }
    assert_int_equal(test_n_announced(EVENT_ADMIN_ACTED), n_recorded);
    test_sql(&database, "UPDATE users SET role = 'user', status = 'NEW' WHERE user_id <> '%s'",
             boss_id);
}

static void *ban_thread(void *user_id)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app); /* of nobody */
    BanUserResponse out;
    enum ql_code rc = ban(call, user_id, &out);

    return rc == QL_OK ? user_id : NULL;
}

static void test_administrators_who_ban_each_other_leave_one(void **state)
{
    enum { N_ADMINS = 4 };
    char ids[N_ADMINS][QL_UUID_SIZE];
    pthread_t threads[N_ADMINS + 1];
    int n_banned = 0;
    void *is_banned;

    (void)state;
    for (int i = 0; i < N_ADMINS; i++) {
        test_user_insert(ids[i]);
        test_sql(&database, "UPDATE users SET role = 'admin' WHERE user_id = '%s'", ids[i]);
    }
    for (int i = 0; i < N_ADMINS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, ban_thread, ids[i]), 0);
    assert_int_equal(pthread_create(&threads[N_ADMINS], NULL, ban_thread, boss_id), 0);
    for (int i = 0; i <= N_ADMINS; i++) {
        pthread_join(threads[i], &is_banned);
        n_banned += is_banned != NULL;
    }
    assert_int_equal(n_banned, N_ADMINS);
    assert_int_equal(test_sql(&database, "SELECT count(*) FROM users "
                                         "WHERE role = 'admin' AND status <> 'BANNED'"),
                     1);
    test_sql(&database, "UPDATE users SET role = 'user', status = 'NEW' WHERE role = 'admin'");
    test_sql(&database, "UPDATE users SET role = 'admin' WHERE user_id = '%s'", boss_id);
}

static void test_unknown_and_deleted_users_are_refused(void **state)
{
    static const char *const unknown[] = {NOBODY, "me", "", "' OR 1=1"};
    QL_CLEANUP(test_call_freep) struct ql_call *call = call_new();
    char user_id[QL_UUID_SIZE];
    UnbanUserResponse unbanned;
    SetUserRoleResponse out;
    BanUserResponse banned;

    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(unknown); i++) {
        assert_int_equal(ban(call, unknown[i], &banned), QL_NOT_FOUND);
        assert_int_equal(unban(call, unknown[i], &unbanned), QL_NOT_FOUND);
        assert_int_equal(set_role(call, unknown[i], USER_ROLE_ADMIN, &out), QL_NOT_FOUND);
        assert_string_equal(call->status.reason, "USER_NOT_FOUND");
    }
    make_user("gone", user_id);
    test_sql(&database, "UPDATE users SET status = 'DELETED' WHERE user_id = '%s'", user_id);
    assert_int_equal(ban(call, user_id, &banned), QL_FAILED_PRECONDITION);
    assert_int_equal(unban(call, user_id, &unbanned), QL_FAILED_PRECONDITION);
    assert_int_equal(set_role(call, user_id, USER_ROLE_ADMIN, &out), QL_FAILED_PRECONDITION);
    assert_string_equal(call->status.reason, "USER_DELETED");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ban_ends_sessions_and_lets_nobody_in_until_it_ends),
        cmocka_unit_test(test_unbanned_user_is_what_they_were),
        cmocka_unit_test(test_role_is_set_once_and_recorded_with_its_name),
        cmocka_unit_test(test_last_administrator_can_neither_go_nor_be_banned),
        cmocka_unit_test(test_who_was_an_administrator_does_nothing_more),
        cmocka_unit_test(test_administrators_who_ban_each_other_leave_one),
        cmocka_unit_test(test_unknown_and_deleted_users_are_refused),
    };
    int rc = test_user_start();

    if (rc == 0) {
        test_user_insert(boss_id);
        test_sql(&database, "UPDATE users SET role = 'admin' WHERE user_id = '%s'", boss_id);
        rc = cmocka_run_group_tests(tests, NULL, NULL);
    }
    test_user_stop();
    return rc;
}
