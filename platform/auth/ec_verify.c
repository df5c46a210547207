/* Checks by OpenSSL, which takes signatures in DER. */
#include "platform/auth/ec_verify.h"

#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "platform/base/attributes.h"

enum {
    UNCOMPRESSED = 0x04,
    POINT_BYTES = 1 + 2 * QLI_COORDINATE_BYTES,
    NUMBER_BYTES = QLI_SIGNATURE_BYTES / 2,
    /* A sequence of two integers, each with a sign byte at most. */
    DER_MAX = 2 + 2 * (2 + 1 + NUMBER_BYTES),
};

static void free_key_context(EVP_PKEY_CTX **context)
{
    EVP_PKEY_CTX_free(*context);
}

static void free_digest_context(EVP_MD_CTX **context)
{
    EVP_MD_CTX_free(*context);
}

struct evp_pkey_st *qli_ec_public_new(const struct qli_point *point)
{
    QL_CLEANUP(free_key_context)
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    EVP_PKEY *key = NULL;
    char group[] = SN_X9_62_prime256v1;
    unsigned char bytes[POINT_BYTES] = {UNCOMPRESSED};
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, bytes, sizeof(bytes)),
        OSSL_PARAM_construct_end(),
    };

    memcpy(bytes + 1, point->x, QLI_COORDINATE_BYTES);
    memcpy(bytes + 1 + QLI_COORDINATE_BYTES, point->y, QLI_COORDINATE_BYTES);
    if (context == NULL || EVP_PKEY_fromdata_init(context) != 1 ||
        EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, parameters) != 1)
        return NULL;
    return key;
}

struct evp_pkey_st *qli_ec_public_use(struct evp_pkey_st *key)
{
    EVP_PKEY_up_ref(key);
    return key;
}

void qli_ec_public_release(struct evp_pkey_st *key)
{
    EVP_PKEY_free(key);
}

/* Appends a positive INTEGER: without leading zeros, but with one where the first bit is
 * set, which would make it negative. */
static unsigned char *put_integer(unsigned char *at, const unsigned char *number)
{
    size_t length = NUMBER_BYTES;
    bool needs_zero;

    while (length > 1 && *number == 0) {
        number++;
        length--;
    }
    needs_zero = (*number & 0x80) != 0;
    *at++ = 0x02;
    *at++ = (unsigned char)(length + needs_zero);
    if (needs_zero)
        *at++ = 0;
    memcpy(at, number, length);
    return at + length;
}

static size_t write_der(unsigned char ret_der[DER_MAX],
                        const unsigned char signature[QLI_SIGNATURE_BYTES])
{
    unsigned char *end = put_integer(ret_der + 2, signature);

    end = put_integer(end, signature + NUMBER_BYTES);
    ret_der[0] = 0x30;
    ret_der[1] = (unsigned char)(end - ret_der - 2);
    return (size_t)(end - ret_der);
}

bool qli_ec_verify(struct evp_pkey_st *key, const void *bytes, size_t length,
                   const unsigned char signature[QLI_SIGNATURE_BYTES])
{
    QL_CLEANUP(free_digest_context) EVP_MD_CTX *context = EVP_MD_CTX_new();
    unsigned char der[DER_MAX];
    size_t der_length = write_der(der, signature);

    return context != NULL && EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, key) == 1 &&
           EVP_DigestVerify(context, der, der_length, bytes, length) == 1;
}
