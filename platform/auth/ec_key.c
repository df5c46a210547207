/* P-256 keys, by OpenSSL. */
#include "platform/auth/ec_key.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <sodium.h>

#include "platform/base/attributes.h"

enum { COORDINATE_TEXT_SIZE = 44 /* 32 bytes in base64url and the NUL */ };

static void free_key(EVP_PKEY **key)
{
    EVP_PKEY_free(*key);
}

static void free_bio(BIO **bio)
{
    BIO_free(*bio);
}

static void free_number(BIGNUM **number)
{
    BN_free(*number);
}

static void wipe_text(char **text)
{
    if (*text != NULL)
        sodium_memzero(*text, strlen(*text));
    free(*text);
    *text = NULL;
}

static void close_file(FILE **file)
{
    if (*file != NULL)
        fclose(*file);
}

void qli_ec_key_done(struct qli_ec_key *key)
{
    wipe_text(&key->pem);
}

char *qli_key_file_read(const char *path, size_t *ret_length, char *error, size_t error_size)
{
    QL_CLEANUP(close_file) FILE *file = fopen(path, "re");
    size_t length;
    char *text;

    if (file == NULL) {
        snprintf(error, error_size, "cannot open %s: %s", path, strerror(errno));
        return NULL;
    }
    text = malloc(QLI_KEY_FILE_MAX + 1);
    if (text == NULL) {
        snprintf(error, error_size, "out of memory");
        return NULL;
    }
    length = fread(text, 1, QLI_KEY_FILE_MAX + 1, file);
    if (ferror(file) || length > QLI_KEY_FILE_MAX) {
        snprintf(error, error_size, "cannot read %s: %s", path,
                 ferror(file) ? strerror(errno) : "too long");
        sodium_memzero(text, length);
        free(text);
        return NULL;
    }
    text[length] = '\0';
    *ret_length = length;
    return text;
}

/* What was written to a memory BIO, as a text of its own. */
static char *text_of(BIO *bio)
{
    char *bytes = NULL, *text;
    long length = BIO_get_mem_data(bio, &bytes);

    if (length <= 0)
        return NULL;
    text = malloc((size_t)length + 1);
    if (text == NULL)
        return NULL;
    memcpy(text, bytes, (size_t)length);
    text[length] = '\0';
    return text;
}

static bool get_coordinate(EVP_PKEY *pkey, const char *name,
                           unsigned char ret_bytes[QLI_COORDINATE_BYTES])
{
    QL_CLEANUP(free_number) BIGNUM *number = NULL;

    return EVP_PKEY_get_bn_param(pkey, name, &number) == 1 &&
           BN_bn2binpad(number, ret_bytes, QLI_COORDINATE_BYTES) == QLI_COORDINATE_BYTES;
}

/* False for anything but P-256. */
static bool fill_key(EVP_PKEY *pkey, struct qli_ec_key *ret_key)
{
    QL_CLEANUP(free_bio) BIO *bio = BIO_new(BIO_s_secmem());
    char group[32] = "";

    if (bio == NULL || !EVP_PKEY_is_a(pkey, "EC") ||
        EVP_PKEY_get_group_name(pkey, group, sizeof(group), NULL) != 1 ||
        strcmp(group, SN_X9_62_prime256v1) != 0)
        return false;
    if (!get_coordinate(pkey, OSSL_PKEY_PARAM_EC_PUB_X, ret_key->point.x) ||
        !get_coordinate(pkey, OSSL_PKEY_PARAM_EC_PUB_Y, ret_key->point.y))
        return false;
    if (PEM_write_bio_PrivateKey(bio, pkey, NULL, NULL, 0, NULL, NULL) != 1)
        return false;
    ret_key->pem = text_of(bio);
    return ret_key->pem != NULL;
}

bool qli_ec_key_generate(struct qli_ec_key *ret_key)
{
    QL_CLEANUP(free_key) EVP_PKEY *pkey = EVP_EC_gen(SN_X9_62_prime256v1);

    memset(ret_key, 0, sizeof(*ret_key));
    return pkey != NULL && fill_key(pkey, ret_key);
}

/* Without this callback OpenSSL would prompt on the terminal, and block. */
static int no_passphrase(char *buffer, int size, int is_writing, void *argument)
{
    (void)buffer;
    (void)size;
    (void)is_writing;
    (void)argument;
    return -1;
}

bool qli_ec_key_read(const char *key_file, struct qli_ec_key *ret_key, char *error,
                     size_t error_size)
{
    size_t length = 0;
    QL_CLEANUP(wipe_text) char *text = qli_key_file_read(key_file, &length, error, error_size);
    QL_CLEANUP(free_bio) BIO *bio = NULL;
    QL_CLEANUP(free_key) EVP_PKEY *pkey = NULL;

    memset(ret_key, 0, sizeof(*ret_key));
    if (text == NULL)
        return false;
    bio = BIO_new_mem_buf(text, (int)length);
    if (bio != NULL)
        pkey = PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL);
    if (pkey == NULL || !fill_key(pkey, ret_key)) {
        snprintf(error, error_size, "%s holds no P-256 private key in PEM without a passphrase",
                 key_file);
        return false;
    }
    return true;
}

int qli_ec_public_jwk(const char *kid, const struct qli_point *point, char *ret_jwk,
                      size_t jwk_size)
{
    char x[COORDINATE_TEXT_SIZE], y[COORDINATE_TEXT_SIZE];

    sodium_bin2base64(x, sizeof(x), point->x, sizeof(point->x),
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    sodium_bin2base64(y, sizeof(y), point->y, sizeof(point->y),
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    return snprintf(ret_jwk, jwk_size,
                    "{\"kty\":\"EC\",\"crv\":\"P-256\",\"use\":\"sig\",\"alg\":\"ES256\","
                    "\"kid\":\"%s\",\"x\":\"%s\",\"y\":\"%s\"}",
                    kid, x, y);
}
