/* The key ring: what an update makes, and what it leaves alone. */
#include "tools/ql-keys/key_ring.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "platform/auth/signer.h"
#include "platform/auth/verifier.h"
#include "platform/base/arena.h"

enum { TEXT_MAX = 8192, PATH_SIZE = 128 };

static char root[64], dir[PATH_SIZE], jwks[PATH_SIZE], error[512];
static char user[] = "user", catalog[] = "catalog", bad[] = "../bad";

static int set_up(void **state)
{
    (void)state;
    snprintf(root, sizeof(root), "/tmp/ql-key-ring-test-XXXXXX");
    if (mkdtemp(root) == NULL)
        return -1;
    snprintf(dir, sizeof(dir), "%s/keys", root);
    snprintf(jwks, sizeof(jwks), "%s/keys/jwks.json", root);
    return 0;
}

static int tear_down(void **state)
{
    DIR *listing = opendir(dir);
    struct dirent *entry;

    (void)state;
    while (listing != NULL && (entry = readdir(listing)) != NULL)
        unlinkat(dirfd(listing), entry->d_name, 0);
    if (listing != NULL)
        closedir(listing);
    rmdir(dir);
    return rmdir(root);
}

/* Updates, and gives what was said. */
static bool update(char *const *issuers, size_t n_issuers, char said[TEXT_MAX])
{
    FILE *out = fmemopen(said, TEXT_MAX, "w");
    bool is_good;

    assert_non_null(out);
    memset(said, 0, TEXT_MAX);
    is_good = key_ring_update(dir, issuers, n_issuers, out, error, sizeof(error));
    fclose(out);
    return is_good;
}

static void path_of(const char *name, char ret_path[PATH_SIZE])
{
    assert_true(snprintf(ret_path, PATH_SIZE, "%s/%s", dir, name) < PATH_SIZE);
}

static void read_file(const char *path, char text[TEXT_MAX])
{
    FILE *file = fopen(path, "r");

    assert_non_null(file);
    text[fread(text, 1, TEXT_MAX - 1, file)] = '\0';
    fclose(file);
}

static void test_keys_and_jwks_let_services_trust_each_other(void **state)
{
    char *issuers[] = {user, catalog};
    char said[TEXT_MAX], key_file[PATH_SIZE], token[QL_TOKEN_MAX];
    struct ql_arena *arena = ql_arena_new(4096);
    struct ql_identity identity = {0};
    struct ql_verifier *verifier;
    struct ql_signer *signer;
    struct ql_call call;

    (void)state;
    assert_true(update(issuers, 2, said));
    path_of("user.pem", key_file);
    ql_call_init(&call, arena, "test", 10000);
    signer = ql_signer_new("user", key_file, jwks, error, sizeof(error));
    assert_non_null(signer);
    verifier = ql_verifier_new("catalog", jwks, error, sizeof(error));
    assert_non_null(verifier);
    assert_int_equal(ql_sign_service_token(&call, signer, "catalog", token), QL_OK);
    assert_int_equal(ql_verify_token(&call, verifier, token, &identity), QL_OK);
    assert_string_equal(identity.subject, "user");
    ql_verifier_free(verifier);
    ql_signer_free(signer);
    ql_arena_free(arena);
}

static void test_private_keys_are_private_and_the_jwks_is_public(void **state)
{
    char *issuers[] = {user};
    char said[TEXT_MAX], path[PATH_SIZE], text[TEXT_MAX];
    struct stat file;

    (void)state;
    assert_true(update(issuers, 1, said));
    path_of("user.pem", path);
    assert_int_equal(stat(path, &file), 0);
    assert_int_equal(file.st_mode & 0777, 0600);
    assert_int_equal(stat(jwks, &file), 0);
    assert_int_equal(file.st_mode & 0777, 0644);
    read_file(jwks, text);
    assert_null(strstr(text, "\"d\""));
    assert_null(strstr(text, "PRIVATE"));
}

static void test_second_update_changes_nothing(void **state)
{
    char *issuers[] = {user, catalog};
    char said[TEXT_MAX], path[PATH_SIZE], before[TEXT_MAX], after[TEXT_MAX];
    struct stat first, second;

    (void)state;
    assert_true(update(issuers, 2, said));
    assert_non_null(strstr(said, "made "));
    assert_non_null(strstr(said, "wrote "));
    path_of("user.pem", path);
    read_file(path, before);
    assert_int_equal(stat(jwks, &first), 0);
    assert_true(update(issuers, 2, said));
    assert_string_equal(said, "");
    read_file(path, after);
    assert_string_equal(before, after);
    assert_int_equal(stat(jwks, &second), 0);
    assert_int_equal(first.st_ino, second.st_ino);
    assert_int_equal(first.st_mtim.tv_sec, second.st_mtim.tv_sec);
    assert_int_equal(first.st_mtim.tv_nsec, second.st_mtim.tv_nsec);
}

static void test_new_issuer_joins_the_ones_that_are_there(void **state)
{
    char *first[] = {user}, *second[] = {catalog};
    char said[TEXT_MAX], text[TEXT_MAX];

    (void)state;
    assert_true(update(first, 1, said));
    assert_true(update(second, 1, said));
    read_file(jwks, text);
    assert_non_null(strstr(text, "\"kid\":\"user-"));
    assert_non_null(strstr(text, "\"kid\":\"catalog-"));
}

static void test_lost_jwks_is_made_again_from_the_keys(void **state)
{
    char *issuers[] = {user, catalog};
    char said[TEXT_MAX], before[TEXT_MAX], after[TEXT_MAX];

    (void)state;
    assert_true(update(issuers, 2, said));
    read_file(jwks, before);
    assert_int_equal(unlink(jwks), 0);
    assert_true(update(issuers, 2, said));
    read_file(jwks, after);
    assert_string_equal(before, after);
}

static void test_bad_name_changes_nothing(void **state)
{
    char *issuers[] = {user, bad};
    char said[TEXT_MAX];

    (void)state;
    assert_false(update(issuers, 2, said));
    assert_non_null(strstr(error, "../bad"));
    assert_int_not_equal(access(dir, F_OK), 0);
}

static void test_broken_key_is_named_and_the_jwks_stays(void **state)
{
    char *issuers[] = {user};
    char said[TEXT_MAX], path[PATH_SIZE], before[TEXT_MAX], after[TEXT_MAX];
    FILE *file;

    (void)state;
    assert_true(update(issuers, 1, said));
    read_file(jwks, before);
    path_of("catalog.pem", path);
    file = fopen(path, "w");
    assert_non_null(file);
    fputs("no key\n", file);
    fclose(file);
    assert_false(update(issuers, 1, said));
    assert_non_null(strstr(error, path));
    read_file(jwks, after);
    assert_string_equal(before, after);
}

#define RING_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        RING_TEST(test_keys_and_jwks_let_services_trust_each_other),
        RING_TEST(test_private_keys_are_private_and_the_jwks_is_public),
        RING_TEST(test_second_update_changes_nothing),
        RING_TEST(test_new_issuer_joins_the_ones_that_are_there),
        RING_TEST(test_lost_jwks_is_made_again_from_the_keys),
        RING_TEST(test_bad_name_changes_nothing),
        RING_TEST(test_broken_key_is_named_and_the_jwks_stays),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
