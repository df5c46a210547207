/* Keys that change while many threads use them. */
#include "platform/auth/key_watch.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "platform/auth/key.h"
#include "platform/base/clock.h"

enum { N_THREADS = 4, N_CHANGES = 2, PATH_SIZE = 128, WAIT_MS = 20000 };

static struct {
    char dir[64];
    char key_files[2][PATH_SIZE], jwks_file[PATH_SIZE];
    char jwks[2][3 * QL_JWK_MAX]; /* user's key alone, and with catalog's */
    char user_kid[QL_KID_MAX], catalog_kid[QL_KID_MAX];
    struct qli_key_watch *watch;
    _Atomic bool is_over;
    _Atomic int n_wrong;
} world;

static void write_jwks(const char *text)
{
    char fresh[PATH_SIZE + 8];
    FILE *file;

    snprintf(fresh, sizeof(fresh), "%s.new", world.jwks_file);
    file = fopen(fresh, "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(rename(fresh, world.jwks_file), 0);
}

static void copy_kid(const char *jwk, char ret_kid[QL_KID_MAX])
{
    const char *kid = strstr(jwk, "\"kid\":\"") + strlen("\"kid\":\"");

    snprintf(ret_kid, QL_KID_MAX, "%.*s", (int)strcspn(kid, "\""), kid);
}

static int set_up(void **state)
{
    char error[256] = "", user[QL_JWK_MAX], catalog[QL_JWK_MAX];

    (void)state;
    snprintf(world.dir, sizeof(world.dir), "/tmp/ql-key-watch-test-XXXXXX");
    if (mkdtemp(world.dir) == NULL)
        return -1;
    snprintf(world.key_files[0], PATH_SIZE, "%s/user.pem", world.dir);
    snprintf(world.key_files[1], PATH_SIZE, "%s/catalog.pem", world.dir);
    snprintf(world.jwks_file, PATH_SIZE, "%s/jwks.json", world.dir);
    if (!ql_key_make("user", world.key_files[0], user, sizeof(user), error, sizeof(error)) ||
        !ql_key_make("catalog", world.key_files[1], catalog, sizeof(catalog), error, sizeof(error)))
        return -1;
    copy_kid(user, world.user_kid);
    copy_kid(catalog, world.catalog_kid);
    snprintf(world.jwks[0], sizeof(world.jwks[0]), "{\"keys\":[%s]}", user);
    snprintf(world.jwks[1], sizeof(world.jwks[1]), "{\"keys\":[%s,%s]}", catalog, user);
    write_jwks(world.jwks[0]);
    world.watch = qli_key_watch_new(world.jwks_file, error, sizeof(error));
    return world.watch != NULL ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    qli_key_watch_free(world.watch);
    unlink(world.key_files[0]);
    unlink(world.key_files[1]);
    unlink(world.jwks_file);
    return rmdir(world.dir);
}

/* Finds user's key, which is in both files, over and over: it must never miss,
 * and generations must never go back. */
static void *find_again_and_again(void *argument)
{
    uint64_t last = 0;

    (void)argument;
    while (!world.is_over) {
        char issuer[QL_ISSUER_MAX];
        struct evp_pkey_st *key;
        uint64_t generation;

        qli_key_watch_refresh(world.watch);
        key = qli_key_watch_find(world.watch, world.user_kid, issuer, &generation);
        if (key == NULL || strcmp(issuer, "user") != 0 || generation < last)
            world.n_wrong++;
        else
            last = generation;
        qli_ec_public_release(key);
    }
    return NULL;
}

static bool knows_catalog(void)
{
    char issuer[QL_ISSUER_MAX];
    uint64_t generation;
    struct evp_pkey_st *key =
        qli_key_watch_find(world.watch, world.catalog_kid, issuer, &generation);

    qli_ec_public_release(key);
    return key != NULL;
}

static void test_key_in_use_is_never_missed_while_the_file_changes(void **state)
{
    int64_t deadline_ms = ql_monotonic_ms() + WAIT_MS;
    uint64_t before = qli_key_watch_generation(world.watch);
    pthread_t threads[N_THREADS];

    (void)state;
    for (int i = 0; i < N_THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, find_again_and_again, NULL), 0);
    for (int i = 1; i <= N_CHANGES; i++) {
        write_jwks(world.jwks[i % 2]);
        while (knows_catalog() != (i % 2 == 1) && ql_monotonic_ms() < deadline_ms)
            ql_sleep_ms(5, NULL);
        assert_int_equal(knows_catalog(), i % 2 == 1);
    }
    world.is_over = true;
    for (int i = 0; i < N_THREADS; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(world.n_wrong, 0);
    assert_int_equal(qli_key_watch_generation(world.watch) - before, N_CHANGES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_key_in_use_is_never_missed_while_the_file_changes,
                                        set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
