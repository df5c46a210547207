/* Reading a JWKS file. */
#include "platform/auth/key_set.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>
#include <sodium.h>

#include "platform/base/attributes.h"

enum { KEYS_MAX = 256 };

static void free_json(json_t **json)
{
    json_decref(*json);
}

static void free_text(char **text)
{
    free(*text);
}

static void free_set(struct qli_key_set **set)
{
    qli_key_set_free(*set);
}

void qli_key_set_free(struct qli_key_set *set)
{
    if (set == NULL)
        return;
    for (size_t i = 0; i < set->n_keys; i++)
        qli_ec_public_release(set->keys[i].key);
    free(set);
}

static const char *text_member(const json_t *jwk, const char *name)
{
    const char *text = json_string_value(json_object_get(jwk, name));

    return text != NULL ? text : "";
}

static bool is_absent_or(const json_t *jwk, const char *name, const char *text)
{
    return json_object_get(jwk, name) == NULL || strcmp(text_member(jwk, name), text) == 0;
}

static bool read_coordinate(const json_t *jwk, const char *name,
                            unsigned char ret_bytes[QLI_COORDINATE_BYTES])
{
    const char *text = text_member(jwk, name), *end;
    size_t length;

    return sodium_base642bin(ret_bytes, QLI_COORDINATE_BYTES, text, strlen(text), NULL, &length,
                             &end, sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0 &&
           *end == '\0' && length == QLI_COORDINATE_BYTES;
}

/* The issuer is the part of the kid before its last "-". */
static bool read_kid(const char *kid, struct qli_public_key *ret_key)
{
    const char *dash = strrchr(kid, '-');
    size_t n_digits = dash != NULL ? strlen(dash + 1) : 0;

    if (strlen(kid) >= sizeof(ret_key->kid) || n_digits == 0 ||
        strspn(dash + 1, "0123456789abcdef") != n_digits ||
        (size_t)(dash - kid) >= sizeof(ret_key->issuer))
        return false;
    snprintf(ret_key->kid, sizeof(ret_key->kid), "%s", kid);
    snprintf(ret_key->issuer, sizeof(ret_key->issuer), "%.*s", (int)(dash - kid), kid);
    return ql_issuer_is_valid(ret_key->issuer);
}

/* Reads a key; returns its fault, or NULL. */
static const char *read_key(const json_t *jwk, struct qli_public_key *ret_key)
{
    if (json_object_get(jwk, "d") != NULL)
        return "holds a private key, which must not be in a public file";
    if (!read_kid(text_member(jwk, "kid"), ret_key))
        return "has a kid that is not <issuer>-<hexadecimal digits>";
    if (strcmp(text_member(jwk, "crv"), "P-256") != 0)
        return "is not on P-256";
    if (!is_absent_or(jwk, "use", "sig") || !is_absent_or(jwk, "alg", "ES256"))
        return "is not for ES256 signatures";
    if (!read_coordinate(jwk, "x", ret_key->point.x) ||
        !read_coordinate(jwk, "y", ret_key->point.y))
        return "has an x or y that is not 32 bytes in base64url";
    ret_key->key = qli_ec_public_new(&ret_key->point);
    return ret_key->key != NULL ? NULL : "has an x and y that are no point of the curve";
}

static struct qli_key_set *read_keys(const json_t *keys, char *error, size_t error_size)
{
    size_t n = json_array_size(keys);
    QL_CLEANUP(free_set) struct qli_key_set *set = NULL;
    struct qli_key_set *whole;

    if (n == 0 || n > KEYS_MAX) {
        snprintf(error, error_size, "\"keys\" is not an array of 1 to %d keys", KEYS_MAX);
        return NULL;
    }
    set = calloc(1, sizeof(*set) + n * sizeof(set->keys[0]));
    if (set == NULL) {
        snprintf(error, error_size, "out of memory");
        return NULL;
    }
    for (size_t i = 0; i < n; i++) {
        const json_t *jwk = json_array_get(keys, i);
        struct qli_public_key *key = &set->keys[set->n_keys];
        const char *fault;

        if (strcmp(text_member(jwk, "kty"), "EC") != 0)
            continue; /* RFC 7517 section 5: unknown key types are ignored */
        fault = read_key(jwk, key);
        if (fault == NULL && qli_key_set_find(set, key->kid) != NULL) {
            qli_ec_public_release(key->key);
            fault = "has the kid of another key";
        }
        if (fault != NULL) {
            snprintf(error, error_size, "key %zu %s", i, fault);
            return NULL;
        }
        set->n_keys++;
    }
    if (set->n_keys == 0) {
        snprintf(error, error_size, "no key is for ES256");
        return NULL;
    }
    whole = set;
    set = NULL;
    return whole;
}

struct qli_key_set *qli_key_set_load(const char *jwks_file, char *error, size_t error_size)
{
    size_t length = 0;
    char fault[160] = "";
    QL_CLEANUP(free_text) char *text = qli_key_file_read(jwks_file, &length, error, error_size);
    QL_CLEANUP(free_json) json_t *jwks = NULL;
    struct qli_key_set *set;

    if (text == NULL)
        return NULL;
    jwks = json_loadb(text, length, JSON_REJECT_DUPLICATES, NULL);
    if (jwks == NULL) {
        snprintf(error, error_size, "%s is not JSON", jwks_file);
        return NULL;
    }
    set = read_keys(json_object_get(jwks, "keys"), fault, sizeof(fault));
    if (set == NULL)
        snprintf(error, error_size, "%s: %s", jwks_file, fault);
    return set;
}

const struct qli_public_key *qli_key_set_find(const struct qli_key_set *set, const char *kid)
{
    for (size_t i = 0; i < set->n_keys; i++)
        if (strcmp(set->keys[i].kid, kid) == 0)
            return &set->keys[i];
    return NULL;
}

const struct qli_public_key *qli_key_set_find_point(const struct qli_key_set *set,
                                                    const struct qli_point *point)
{
    for (size_t i = 0; i < set->n_keys; i++)
        if (memcmp(&set->keys[i].point, point, sizeof(*point)) == 0)
            return &set->keys[i];
    return NULL;
}
