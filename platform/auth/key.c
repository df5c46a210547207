/* Making a key pair, and writing its public key as a JWK (RFC 7517). */
#include "platform/auth/key.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "platform/auth/ec_key.h"
#include "platform/base/attributes.h"

enum { KID_DIGEST_BYTES = 8 };

bool ql_issuer_is_valid(const char *issuer)
{
    size_t length = strlen(issuer);

    return length > 0 && length < QL_ISSUER_MAX && issuer[0] != '-' && issuer[length - 1] != '-' &&
           strspn(issuer, "abcdefghijklmnopqrstuvwxyz0123456789-") == length;
}

static void make_kid(const char *issuer, const struct qli_point *point, char ret_kid[QL_KID_MAX])
{
    unsigned char uncompressed[1 + sizeof(*point)] = {0x04};
    unsigned char digest[crypto_hash_sha256_BYTES];
    char digits[2 * KID_DIGEST_BYTES + 1];

    memcpy(uncompressed + 1, point->x, sizeof(point->x));
    memcpy(uncompressed + 1 + sizeof(point->x), point->y, sizeof(point->y));
    crypto_hash_sha256(digest, uncompressed, sizeof(uncompressed));
    sodium_bin2hex(digits, sizeof(digits), digest, KID_DIGEST_BYTES);
    snprintf(ret_kid, QL_KID_MAX, "%s-%s", issuer, digits);
}

static bool write_jwk(const char *issuer, const struct qli_point *point, char *ret_jwk,
                      size_t jwk_size, char *error, size_t error_size)
{
    char kid[QL_KID_MAX];
    int length;

    make_kid(issuer, point, kid);
    length = qli_ec_public_jwk(kid, point, ret_jwk, jwk_size);
    if (length < 0 || (size_t)length >= jwk_size) {
        snprintf(error, error_size, "a public key needs more than %zu bytes", jwk_size);
        return false;
    }
    return true;
}

static bool check_issuer(const char *issuer, char *error, size_t error_size)
{
    if (ql_issuer_is_valid(issuer))
        return true;
    snprintf(error, error_size, "\"%.64s\" is no name for an issuer: a-z, 0-9 and -", issuer);
    return false;
}

bool ql_key_public_jwk(const char *issuer, const char *key_file, char *ret_jwk, size_t jwk_size,
                       char *error, size_t error_size)
{
    QL_CLEANUP(qli_ec_key_done) struct qli_ec_key key = {0};

    if (!check_issuer(issuer, error, error_size) ||
        !qli_ec_key_read(key_file, &key, error, error_size))
        return false;
    return write_jwk(issuer, &key.point, ret_jwk, jwk_size, error, error_size);
}

static bool write_all(int fd, const char *text)
{
    size_t left = strlen(text);

    while (left > 0) {
        ssize_t n = write(fd, text, left);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        text += n;
        left -= (size_t)n;
    }
    return fsync(fd) == 0;
}

/* Never overwrites a file: without the old key no token in use could be verified. */
static bool write_key_file(const char *key_file, const char *pem, char *error, size_t error_size)
{
    int fd = open(key_file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool is_written;

    if (fd < 0) {
        snprintf(error, error_size, "cannot make %s: %s", key_file, strerror(errno));
        return false;
    }
    is_written = write_all(fd, pem);
    if (!is_written)
        snprintf(error, error_size, "cannot write %s: %s", key_file, strerror(errno));
    close(fd);
    if (!is_written)
        unlink(key_file);
    return is_written;
}

bool ql_key_make(const char *issuer, const char *key_file, char *ret_jwk, size_t jwk_size,
                 char *error, size_t error_size)
{
    QL_CLEANUP(qli_ec_key_done) struct qli_ec_key key = {0};

    if (!check_issuer(issuer, error, error_size))
        return false;
    if (!qli_ec_key_generate(&key)) {
        snprintf(error, error_size, "no key could be generated");
        return false;
    }
    return write_jwk(issuer, &key.point, ret_jwk, jwk_size, error, error_size) &&
           write_key_file(key_file, key.pem, error, error_size);
}
