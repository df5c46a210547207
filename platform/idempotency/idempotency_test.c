/* Keys and answers, against a real database. */
#include "platform/idempotency/idempotency.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "platform/base/digest.h"
#include "platform/pg/test_database.h"
#include "questline/catalog/v1/names.h"
#include "questline/user/v1/names.h"

#define METHOD RewardCommandService_CreateReward

enum { TEST_MS = 20000 };

struct fixture {
    struct ql_arena *arena;
    struct ql_pg_pool *pool;
    struct ql_call call;
};

static void call_start(struct ql_call *call, struct ql_arena *arena, const char *key)
{
    ql_call_init(call, arena, METHOD, TEST_MS);
    call->identity.role = QL_ROLE_ADMIN;
    snprintf(call->identity.subject, sizeof(call->identity.subject), "ada");
    call->idempotency_key = key;
}

static int open_fixture(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    ql_pg_test_exec("TRUNCATE idempotency_answers");
    f->arena = ql_arena_new(8 << 20);
    f->pool = ql_pg_pool_new(
        &(const struct ql_pg_pool_options){.url = ql_pg_test_url(), .max_connections = 4});
    call_start(&f->call, f->arena, "k1");
    *state = f;
    return 0;
}

static int close_fixture(void **state)
{
    struct fixture *f = *state;

    ql_pg_pool_free(f->pool);
    ql_arena_free(f->arena);
    free(f);
    return 0;
}

/* What a handler does for a request that names the reward; its answer has the
 * id. The second time *ret_out is what is kept. */
static enum ql_code create(struct ql_call *call, struct ql_pg_pool *pool, const char *name,
                           const char *id, CreateRewardResponse *ret_out, bool *ret_is_repeated)
{
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    CreateRewardRequest in;
    Reward asked;
    Reward *made = ql_arena_alloc(call->arena, sizeof(*made));
    enum ql_code rc;

    Reward_init(&asked);
    asked.reward_name = (char *)name;
    CreateRewardRequest_init(&in);
    in.reward = &asked;
    CreateRewardResponse_init(ret_out);
    rc = ql_pg_begin(call, pool, &tx);
    if (rc == QL_OK)
        rc = ql_idempotency_begin(call, tx, &in, ret_out, ret_is_repeated);
    if (rc != QL_OK || *ret_is_repeated)
        return rc;
    Reward_init(made);
    made->reward_id = (char *)id;
    made->reward_name = (char *)name;
    ret_out->reward = made;
    rc = ql_idempotency_finish(call, tx, ret_out);
    return rc == QL_OK ? ql_pg_commit(call, &tx) : rc;
}

static int64_t n_rows(void)
{
    return ql_pg_test_int64("SELECT count(*) FROM idempotency_answers");
}

static void expect_new(struct fixture *f, const char *name)
{
    CreateRewardResponse out;
    bool is_repeated = true;

    assert_int_equal(create(&f->call, f->pool, name, "new", &out, &is_repeated), QL_OK);
    assert_false(is_repeated);
}

static void test_same_request_is_answered_as_the_first_time(void **state)
{
    struct fixture *f = *state;
    CreateRewardResponse out;
    bool is_repeated;

    assert_int_equal(create(&f->call, f->pool, "gold", "1", &out, &is_repeated), QL_OK);
    assert_false(is_repeated);
    f->call.identity.role = QL_ROLE_USER; /* the same person */
    assert_int_equal(create(&f->call, f->pool, "gold", "2", &out, &is_repeated), QL_OK);
    assert_true(is_repeated);
    assert_string_equal(out.reward->reward_id, "1");
    assert_string_equal(out.reward->reward_name, "gold");
    assert_int_equal(n_rows(), 1);
}

static void test_key_with_another_request_is_refused(void **state)
{
    struct fixture *f = *state;
    CreateRewardResponse out;
    bool is_repeated;

    expect_new(f, "gold");
    assert_int_equal(create(&f->call, f->pool, "silver", "2", &out, &is_repeated),
                     QL_ALREADY_EXISTS);
    assert_string_equal(f->call.status.reason, "IDEMPOTENCY_KEY_REUSED");
    assert_false(is_repeated);
    assert_null(out.reward);
}

static void test_key_of_another_caller_or_method_is_another_key(void **state)
{
    struct fixture *f = *state;

    expect_new(f, "gold");
    f->call.method = QuestCommandService_CreateQuest;
    expect_new(f, "gold");
    f->call.method = METHOD;
    f->call.identity.role = QL_ROLE_SERVICE;
    expect_new(f, "gold");
    f->call.identity.role = QL_ROLE_ADMIN;
    snprintf(f->call.identity.subject, sizeof(f->call.identity.subject), "bob");
    expect_new(f, "silver");
    f->call.idempotency_key = "k2";
    expect_new(f, "gold");
    assert_int_equal(n_rows(), 5);
}

static void test_without_key_or_identity_nothing_is_kept(void **state)
{
    struct fixture *f = *state;

    f->call.idempotency_key = NULL;
    expect_new(f, "gold");
    expect_new(f, "gold");
    f->call.idempotency_key = "k1";
    f->call.identity = (struct ql_identity){.role = QL_ROLE_NONE};
    expect_new(f, "gold");
    expect_new(f, "gold");
    assert_int_equal(n_rows(), 0);
}

static void test_key_is_visible_ascii_of_bounded_length(void **state)
{
    char longest[QL_IDEMPOTENCY_KEY_MAX + 2];
    const char *const bad[] = {"", "a b", "a\tb", "\xc3\xa4", "\x7f", longest};
    struct fixture *f = *state;
    CreateRewardResponse out;
    bool is_repeated;

    memset(longest, '~', sizeof(longest));
    longest[QL_IDEMPOTENCY_KEY_MAX] = '\0';
    f->call.idempotency_key = longest;
    expect_new(f, "gold");
    longest[QL_IDEMPOTENCY_KEY_MAX] = '~';
    longest[QL_IDEMPOTENCY_KEY_MAX + 1] = '\0';
    for (size_t i = 0; i < QL_ARRAY_LENGTH(bad); i++) {
        ql_call_clear_status(&f->call);
        f->call.idempotency_key = bad[i];
        assert_int_equal(create(&f->call, f->pool, "gold", "1", &out, &is_repeated),
                         QL_INVALID_ARGUMENT);
        assert_string_equal(f->call.status.reason, "INVALID_FIELD");
        assert_string_equal(f->call.status.violations[0].field, "Idempotency-Key");
    }
}

static void test_key_of_a_call_that_was_rolled_back_is_free(void **state)
{
    struct fixture *f = *state;
    struct ql_pg_tx *tx = NULL;
    CreateRewardRequest in;
    CreateRewardResponse out;
    bool is_repeated;

    CreateRewardRequest_init(&in);
    CreateRewardResponse_init(&out);
    assert_int_equal(ql_pg_begin(&f->call, f->pool, &tx), QL_OK);
    assert_int_equal(ql_idempotency_begin(&f->call, tx, &in, &out, &is_repeated), QL_OK);
    ql_pg_tx_endp(&tx);
    assert_int_equal(n_rows(), 0);
    expect_new(f, "gold");
}

struct twin {
    struct ql_pg_pool *pool;
    const char *name;
    enum ql_code rc;
    char reason[QL_REASON_MAX], reward_id[16];
    bool is_repeated;
};

static void *be_twin(void *argument)
{
    struct twin *twin = argument;
    QL_CLEANUP(ql_arena_freep) struct ql_arena *arena = ql_arena_new(1 << 20);
    CreateRewardResponse out;
    struct ql_call call;

    call_start(&call, arena, "k1");
    twin->rc = create(&call, twin->pool, twin->name, "twin", &out, &twin->is_repeated);
    snprintf(twin->reason, sizeof(twin->reason), "%s", call.status.reason);
    if (twin->rc == QL_OK)
        snprintf(twin->reward_id, sizeof(twin->reward_id), "%s", out.reward->reward_id);
    return NULL;
}

/* Begins as the first, lets the twin wait, and then ends as asked. */
static struct twin race(struct fixture *f, const char *twin_name, bool first_commits)
{
    struct twin twin = {.pool = f->pool, .name = twin_name};
    struct ql_pg_tx *tx = NULL;
    CreateRewardRequest in;
    CreateRewardResponse out;
    Reward asked, made;
    pthread_t thread;
    bool is_repeated;

    Reward_init(&asked);
    asked.reward_name = (char *)"gold";
    Reward_init(&made);
    made.reward_id = (char *)"first";
    CreateRewardRequest_init(&in);
    in.reward = &asked;
    CreateRewardResponse_init(&out);
    assert_int_equal(ql_pg_begin(&f->call, f->pool, &tx), QL_OK);
    assert_int_equal(ql_idempotency_begin(&f->call, tx, &in, &out, &is_repeated), QL_OK);
    assert_int_equal(pthread_create(&thread, NULL, be_twin, &twin), 0);
    while (ql_pg_test_int64("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                            " AND datname = current_database()") == 0)
        assert_true(ql_call_remaining_ms(&f->call) > 0);
    out.reward = &made;
    assert_int_equal(ql_idempotency_finish(&f->call, tx, &out), QL_OK);
    if (first_commits)
        assert_int_equal(ql_pg_commit(&f->call, &tx), QL_OK);
    ql_pg_tx_endp(&tx);
    pthread_join(thread, NULL);
    return twin;
}

static void test_twin_waits_and_gets_the_first_ones_answer(void **state)
{
    struct twin twin = race(*state, "gold", true);

    assert_int_equal(twin.rc, QL_OK);
    assert_true(twin.is_repeated);
    assert_string_equal(twin.reward_id, "first");
    assert_int_equal(n_rows(), 1);
}

static void test_twin_with_another_request_waits_and_is_refused(void **state)
{
    struct twin twin = race(*state, "silver", true);

    assert_int_equal(twin.rc, QL_ALREADY_EXISTS);
    assert_string_equal(twin.reason, "IDEMPOTENCY_KEY_REUSED");
}

static void test_twin_takes_effect_when_the_first_is_rolled_back(void **state)
{
    struct twin twin = race(*state, "silver", false);

    assert_int_equal(twin.rc, QL_OK);
    assert_false(twin.is_repeated);
    assert_string_equal(twin.reward_id, "twin");
}

static void test_key_is_free_after_a_day_purged_or_not(void **state)
{
    struct fixture *f = *state;
    CreateRewardResponse out;
    bool is_repeated, has_more;

    expect_new(f, "gold");
    ql_pg_test_exec("UPDATE idempotency_answers SET taken_at = now() - interval '23 h 59 min'");
    assert_int_equal(ql_idempotency_purge(&f->call, f->pool, &has_more), QL_OK);
    assert_int_equal(create(&f->call, f->pool, "gold", "2", &out, &is_repeated), QL_OK);
    assert_true(is_repeated);
    ql_pg_test_exec("UPDATE idempotency_answers SET taken_at = now() - interval '24 h 1 min'");
    expect_new(f, "silver");
    assert_int_equal(create(&f->call, f->pool, "silver", "2", &out, &is_repeated), QL_OK);
    assert_true(is_repeated);
    assert_int_equal(n_rows(), 1);
}

static void test_old_rows_are_purged_in_bounded_turns(void **state)
{
    struct fixture *f = *state;
    bool has_more;

    expect_new(f, "gold");
    ql_pg_test_exec("INSERT INTO idempotency_answers"
                    " SELECT 'user:x', 'm', s.n::text, '', '', now() - interval '25 hours'"
                    " FROM generate_series(1, 1500) AS s (n)");
    assert_int_equal(ql_idempotency_purge(&f->call, f->pool, &has_more), QL_OK);
    assert_true(has_more);
    assert_int_equal(n_rows(), 501);
    assert_int_equal(ql_idempotency_purge(&f->call, f->pool, &has_more), QL_OK);
    assert_false(has_more);
    assert_int_equal(n_rows(), 1);
}

static void test_answer_with_secrets_is_never_kept(void **state)
{
    struct fixture *f = *state;
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    CreateSessionRequest in;
    CreateSessionRequest out; /* its password is secret */
    bool is_repeated;

    CreateSessionRequest_init(&in);
    CreateSessionRequest_init(&out);
    assert_int_equal(ql_pg_begin(&f->call, f->pool, &tx), QL_OK);
    assert_int_equal(ql_idempotency_begin(&f->call, tx, &in, &out, &is_repeated), QL_INTERNAL);
    assert_string_equal(f->call.status.reason, "IDEMPOTENCY_OF_SECRETS");
}

static void test_answer_that_is_too_large_or_was_not_begun_fails_the_call(void **state)
{
    struct fixture *f = *state;
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    char *name = ql_arena_calloc(f->arena, 1, QL_IDEMPOTENCY_ANSWER_MAX + 1);
    CreateRewardResponse out;
    bool is_repeated;

    memset(name, 'x', QL_IDEMPOTENCY_ANSWER_MAX);
    assert_int_equal(create(&f->call, f->pool, name, "1", &out, &is_repeated), QL_INTERNAL);
    assert_string_equal(f->call.status.reason, "IDEMPOTENT_ANSWER_TOO_LARGE");
    assert_int_equal(n_rows(), 0);
    CreateRewardResponse_init(&out);
    assert_int_equal(ql_pg_begin(&f->call, f->pool, &tx), QL_OK);
    assert_int_equal(ql_idempotency_finish(&f->call, tx, &out), QL_INTERNAL);
    assert_string_equal(f->call.status.reason, "IDEMPOTENCY_NOT_BEGUN");
}

static struct ql_digest_key secret;

/* A sign-in by name, sealed; the first time its answer holds a token. */
static enum ql_code create_sealed(struct fixture *f, const char *owner, const char *password,
                                  CreateSessionResponse *ret_out, bool *ret_is_repeated)
{
    const struct ql_idempotency_seal seal = {.secret = &secret, .owner = owner};
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    CreateSessionRequest in;
    enum ql_code rc;

    CreateSessionRequest_init(&in);
    in.password = (char *)password;
    CreateSessionResponse_init(ret_out);
    f->call.is_replayed = false;
    f->call.identity = (struct ql_identity){.role = QL_ROLE_NONE};
    rc = ql_pg_begin(&f->call, f->pool, &tx);
    if (rc == QL_OK)
        rc = ql_idempotency_begin_sealed(&f->call, tx, &seal, &in, ret_out, ret_is_repeated);
    if (rc != QL_OK || *ret_is_repeated)
        return rc;
    ret_out->refresh_token = (char *)"a token of the answer";
    rc = ql_idempotency_finish_sealed(&f->call, tx, &seal, ret_out);
    return rc == QL_OK ? ql_pg_commit(&f->call, &tx) : rc;
}

static void test_sealed_answer_is_for_its_owner_and_nobody_who_reads_the_table(void **state)
{
    struct fixture *f = *state;
    CreateSessionResponse out;
    bool is_repeated;

    ql_digest_key_new(&secret);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(create_sealed(f, "user:ada", "pass", &out, &is_repeated), QL_OK);
        assert_int_equal(is_repeated, i == 1);
        assert_int_equal(f->call.is_replayed, i == 1);
        assert_string_equal(out.refresh_token, "a token of the answer");
    }
    assert_int_equal(create_sealed(f, "user:ada", "word", &out, &is_repeated), QL_ALREADY_EXISTS);
    assert_string_equal(f->call.status.reason, "IDEMPOTENCY_KEY_REUSED");
    assert_int_equal(create_sealed(f, "user:bob", "word", &out, &is_repeated), QL_OK);
    assert_false(is_repeated);
    assert_int_equal(n_rows(), 2);
    assert_int_equal(
        ql_pg_test_int64("SELECT count(*) FROM idempotency_answers WHERE caller LIKE "
                         "'%user:ada%' OR key LIKE '%k1%' OR position('token'::bytea IN "
                         "answer) > 0 OR request_digest = "
                         "encode(sha256('\\x120470617373'::bytea), 'hex')"),
        0);
    ql_digest_key_new(&secret); /* the service has another private key now */
    assert_int_equal(create_sealed(f, "user:ada", "pass", &out, &is_repeated), QL_OK);
    assert_false(is_repeated);
}

static void test_sealed_answer_is_found_before_anything_is_taken(void **state)
{
    const struct ql_idempotency_seal seal = {.secret = &secret, .owner = "name:ada"};
    struct fixture *f = *state;
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    CreateSessionResponse out;
    CreateSessionRequest in;
    bool is_repeated;

    ql_digest_key_new(&secret);
    CreateSessionRequest_init(&in);
    in.password = (char *)"pass";
    CreateSessionResponse_init(&out);
    assert_int_equal(ql_pg_begin(&f->call, f->pool, &tx), QL_OK);
    assert_int_equal(ql_idempotency_find_sealed(&f->call, tx, &seal, &in, &out, &is_repeated),
                     QL_OK);
    assert_false(is_repeated);
    assert_int_equal(n_rows(), 0);
    assert_int_equal(create_sealed(f, "name:ada", "pass", &out, &is_repeated), QL_OK);
    CreateSessionResponse_init(&out);
    assert_int_equal(ql_idempotency_find_sealed(&f->call, tx, &seal, &in, &out, &is_repeated),
                     QL_OK);
    assert_true(is_repeated);
    assert_string_equal(out.refresh_token, "a token of the answer");
}

#define WITH_FIXTURE(test) cmocka_unit_test_setup_teardown(test, open_fixture, close_fixture)

int main(void)
{
    const struct ql_pg_migration *const tables[] = {ql_idempotency_migrations()};
    const struct CMUnitTest tests[] = {
        WITH_FIXTURE(test_same_request_is_answered_as_the_first_time),
        WITH_FIXTURE(test_key_with_another_request_is_refused),
        WITH_FIXTURE(test_key_of_another_caller_or_method_is_another_key),
        WITH_FIXTURE(test_without_key_or_identity_nothing_is_kept),
        WITH_FIXTURE(test_key_is_visible_ascii_of_bounded_length),
        WITH_FIXTURE(test_key_of_a_call_that_was_rolled_back_is_free),
        WITH_FIXTURE(test_twin_waits_and_gets_the_first_ones_answer),
        WITH_FIXTURE(test_twin_with_another_request_waits_and_is_refused),
        WITH_FIXTURE(test_twin_takes_effect_when_the_first_is_rolled_back),
        WITH_FIXTURE(test_key_is_free_after_a_day_purged_or_not),
        WITH_FIXTURE(test_old_rows_are_purged_in_bounded_turns),
        WITH_FIXTURE(test_answer_with_secrets_is_never_kept),
        WITH_FIXTURE(test_sealed_answer_is_for_its_owner_and_nobody_who_reads_the_table),
        WITH_FIXTURE(test_sealed_answer_is_found_before_anything_is_taken),
        WITH_FIXTURE(test_answer_that_is_too_large_or_was_not_begun_fails_the_call),
    };

    ql_pg_test_migrate(tables, 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
