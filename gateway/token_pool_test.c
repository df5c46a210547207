/* Tests of the token pool: its verdicts, its bound, its end. */
#include "gateway/token_pool.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "platform/auth/key.h"
#include "platform/auth/signer.h"
#include "platform/base/arena.h"

enum { MANY = 400 };

static char folder[] = "/tmp/ql-token-pool-test-XXXXXX";
static char key_file[64], jwks_file[64];
static struct ql_verifier *verifier;
static struct ql_signer *signer;

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static bool is_held;
static int n_done;

static int set_up(void **state)
{
    char jwk[1024], error[256] = "";
    FILE *file;

    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(key_file, sizeof(key_file), "%s/user.pem", folder);
    snprintf(jwks_file, sizeof(jwks_file), "%s/jwks.json", folder);
    assert_true(ql_key_make("user", key_file, jwk, sizeof(jwk), error, sizeof(error)));
    file = fopen(jwks_file, "w");
    assert_non_null(file);
    assert_true(fprintf(file, "{\"keys\":[%s]}\n", jwk) > 0);
    assert_int_equal(fclose(file), 0);
    signer = ql_signer_new("user", key_file, jwks_file, error, sizeof(error));
    verifier = ql_verifier_new("gateway", jwks_file, error, sizeof(error));
    return signer == NULL || verifier == NULL;
}

static int tear_down(void **state)
{
    (void)state;
    ql_signer_free(signer);
    ql_verifier_free(verifier);
    unlink(key_file);
    unlink(jwks_file);
    return rmdir(folder);
}

static void count_done(struct token_check *check)
{
    (void)check;
    pthread_mutex_lock(&mutex);
    while (is_held)
        pthread_cond_wait(&changed, &mutex);
    n_done++;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&mutex);
}

static void hold(bool held)
{
    pthread_mutex_lock(&mutex);
    is_held = held;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&mutex);
}

static void wait_for_done(int wanted)
{
    pthread_mutex_lock(&mutex);
    while (n_done < wanted)
        pthread_cond_wait(&changed, &mutex);
    pthread_mutex_unlock(&mutex);
}

static struct token_pool *pool_start(void)
{
    char error[128];
    struct token_pool *pool = token_pool_new(verifier, error, sizeof(error));

    assert_non_null(pool);
    n_done = 0;
    hold(false);
    return pool;
}

static void test_good_token_names_its_user_and_is_cached(void **state)
{
    QL_CLEANUP(ql_arena_freep) struct ql_arena *arena = ql_arena_new(65536);
    static struct token_check check;
    struct token_pool *pool = pool_start();
    struct ql_identity cached;
    struct ql_call call;

    (void)state;
    ql_call_init(&call, arena, "test", 10000);
    assert_int_equal(ql_sign_user_token(&call, signer, "user-7", QL_ROLE_ADMIN, check.token),
                     QL_OK);
    check.done = count_done;
    assert_false(ql_verify_token_cached(verifier, check.token, &cached));
    assert_true(token_pool_submit(pool, &check));
    wait_for_done(1);
    assert_int_equal(check.status.code, QL_OK);
    assert_int_equal(check.identity.role, QL_ROLE_ADMIN);
    assert_string_equal(check.identity.subject, "user-7");
    assert_true(ql_verify_token_cached(verifier, check.token, &cached));
    token_pool_free(pool);
}

static void test_bad_token_is_refused_with_its_reason(void **state)
{
    static struct token_check check = {.token = "x.y.z"};
    struct token_pool *pool = pool_start();

    (void)state;
    check.done = count_done;
    assert_true(token_pool_submit(pool, &check));
    wait_for_done(1);
    assert_int_equal(check.status.code, QL_UNAUTHENTICATED);
    assert_string_equal(check.status.reason, "TOKEN_MALFORMED");
    token_pool_free(pool);
}

static void test_full_queue_refuses_and_taken_checks_are_all_done(void **state)
{
    struct token_check *checks = calloc(MANY, sizeof(*checks));
    struct token_pool *pool = pool_start();
    int n_taken = 0;

    (void)state;
    assert_non_null(checks);
    hold(true);
    for (int i = 0; i < MANY; i++) {
        checks[i].done = count_done;
        if (token_pool_submit(pool, &checks[i]))
            n_taken++;
    }
    assert_in_range(n_taken, 256, 258); /* the queue, and what the threads hold */
    hold(false);
    token_pool_free(pool);
    assert_int_equal(n_done, n_taken);
    free(checks);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good_token_names_its_user_and_is_cached),
        cmocka_unit_test(test_bad_token_is_refused_with_its_reason),
        cmocka_unit_test(test_full_queue_refuses_and_taken_checks_are_all_done),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
