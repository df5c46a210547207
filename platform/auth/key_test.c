/* Key files, and JWKS files that must be refused. */
#include "platform/auth/key.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "platform/auth/key_set.h"
#include "platform/base/attributes.h"

static char dir[64], key_file[96], jwks_file[96];
static char jwk[QL_JWK_MAX], error[256];

static int set_up(void **state)
{
    (void)state;
    snprintf(dir, sizeof(dir), "/tmp/ql-key-test-XXXXXX");
    if (mkdtemp(dir) == NULL)
        return -1;
    snprintf(key_file, sizeof(key_file), "%s/user.pem", dir);
    snprintf(jwks_file, sizeof(jwks_file), "%s/jwks.json", dir);
    return ql_key_make("user", key_file, jwk, sizeof(jwk), error, sizeof(error)) ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    unlink(key_file);
    unlink(jwks_file);
    return rmdir(dir);
}

static void test_key_file_is_for_its_owner_only_and_never_overwritten(void **state)
{
    char other[QL_JWK_MAX];
    struct stat file;

    (void)state;
    assert_int_equal(stat(key_file, &file), 0);
    assert_int_equal(file.st_mode & 0777, 0600);
    assert_false(ql_key_make("user", key_file, other, sizeof(other), error, sizeof(error)));
    assert_non_null(strstr(error, key_file));
    assert_true(ql_key_public_jwk("user", key_file, other, sizeof(other), error, sizeof(error)));
    assert_string_equal(jwk, other);
}

static void test_name_that_cannot_be_in_a_kid_is_refused(void **state)
{
    static const char *const names[] = {"", "User", "a b", "../x", "-a", "a-", "a\"", "a.b"};
    char other[QL_JWK_MAX];

    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(names); i++) {
        assert_false(ql_issuer_is_valid(names[i]));
        assert_false(
            ql_key_public_jwk(names[i], key_file, other, sizeof(other), error, sizeof(error)));
    }
    assert_true(ql_issuer_is_valid("game-server2"));
}

static struct qli_key_set *load(const char *text)
{
    FILE *file = fopen(jwks_file, "w");

    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
    return qli_key_set_load(jwks_file, error, sizeof(error));
}

static void test_jwks_binds_each_kid_to_its_issuer(void **state)
{
    char text[4 * QL_JWK_MAX];
    struct qli_key_set *set;

    (void)state;
    snprintf(text, sizeof(text),
             "{\"keys\":[{\"kty\":\"oct\",\"k\":\"AA\"},{\"kty\":\"OKP\"},%s],\"more\":1}", jwk);
    set = load(text);
    assert_non_null(set);
    assert_int_equal(set->n_keys, 1);
    assert_string_equal(set->keys[0].issuer, "user");
    assert_ptr_equal(qli_key_set_find(set, set->keys[0].kid), &set->keys[0]);
    assert_ptr_equal(qli_key_set_find_point(set, &set->keys[0].point), &set->keys[0]);
    assert_non_null(set->keys[0].key);
    assert_null(qli_key_set_find(set, "user-00"));
    qli_key_set_free(set);
}

static void test_jwks_with_a_bad_key_is_refused_whole(void **state)
{
    /* x and y of the generator of P-256, and what is wrong around them */
    static const char g[] = "\"x\":\"axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpY\","
                            "\"y\":\"T-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU\"";
    static const struct {
        const char *members;
        const char *fault;
    } cases[] = {
        {"\"kid\":\"user-0a\",\"crv\":\"P-256\",\"d\":\"AA\"", "private"},
        {"\"kid\":\"user-0a\",\"crv\":\"P-384\"", "P-256"},
        {"\"kid\":\"user-0a\",\"crv\":\"P-256\",\"alg\":\"ES384\"", "ES256"},
        {"\"kid\":\"user-0a\",\"crv\":\"P-256\",\"use\":\"enc\"", "ES256"},
        {"\"kid\":\"user-0A\",\"crv\":\"P-256\"", "kid"},
        {"\"kid\":\"user-\",\"crv\":\"P-256\"", "kid"},
        {"\"kid\":\"user\",\"crv\":\"P-256\"", "kid"},
        {"\"kid\":\"-0a\",\"crv\":\"P-256\"", "kid"},
        {"\"crv\":\"P-256\"", "kid"},
    };
    char text[4 * QL_JWK_MAX];
    struct qli_key_set *set;

    (void)state;
    snprintf(text, sizeof(text),
             "{\"keys\":[{\"kty\":\"EC\",\"kid\":\"user-0a\",\"crv\":\"P-256\",%s}]}", g);
    set = load(text);
    assert_non_null(set); /* so the cases fail for what they change */
    qli_key_set_free(set);
    for (size_t i = 0; i < QL_ARRAY_LENGTH(cases); i++) {
        snprintf(text, sizeof(text), "{\"keys\":[%s,{\"kty\":\"EC\",%s,%s}]}", jwk,
                 cases[i].members, g);
        assert_null(load(text));
        assert_non_null(strstr(error, cases[i].fault));
    }
}

static void test_jwks_with_a_point_off_the_curve_is_refused(void **state)
{
    (void)state;
    assert_null(load("{\"keys\":[{\"kty\":\"EC\",\"kid\":\"user-0a\",\"crv\":\"P-256\","
                     "\"x\":\"axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpY\","
                     "\"y\":\"axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpY\"}]}"));
    assert_non_null(strstr(error, "no point of the curve"));
    assert_null(load("{\"keys\":[{\"kty\":\"EC\",\"kid\":\"user-0a\",\"crv\":\"P-256\","
                     "\"x\":\"axfR\",\"y\":\"axfR\"}]}"));
    assert_non_null(strstr(error, "32 bytes"));
}

static void test_jwks_that_is_no_list_of_keys_is_refused(void **state)
{
    static const char *const texts[] = {
        "",
        "[]",
        "{}",
        "{\"keys\":[]}",
        "{\"keys\":{}}",
        "{\"keys\":[{\"kty\":\"RSA\"}]}",
        "{\"keys\":[],\"keys\":[]}",
    };
    char text[4 * QL_JWK_MAX];

    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(texts); i++)
        assert_null(load(texts[i]));
    snprintf(text, sizeof(text), "{\"keys\":[%s,%s]}", jwk, jwk);
    assert_null(load(text));
    assert_non_null(strstr(error, "has the kid of another key"));
}

#define KEY_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        KEY_TEST(test_key_file_is_for_its_owner_only_and_never_overwritten),
        KEY_TEST(test_name_that_cannot_be_in_a_kid_is_refused),
        KEY_TEST(test_jwks_binds_each_kid_to_its_issuer),
        KEY_TEST(test_jwks_with_a_bad_key_is_refused_whole),
        KEY_TEST(test_jwks_with_a_point_off_the_curve_is_refused),
        KEY_TEST(test_jwks_that_is_no_list_of_keys_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
