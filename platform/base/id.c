/* Making and checking identifiers; the randomness is libsodium's. */
#include "platform/base/id.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "platform/base/clock.h"
#include "platform/base/hex.h"
#include "platform/base/text.h"

enum { RANDOM_CHUNK = 32, RANDOM_BLOCK = 512 };

static void sodium_start(void)
{
    /* Without a source of randomness ids would repeat, so the process ends. */
    if (sodium_init() < 0)
        abort();
}

/* Unused random bytes of the thread, at the end of the block. One system call fills it
 * for some thirty ids. */
static _Thread_local struct {
    size_t left;
    unsigned char bytes[RANDOM_BLOCK];
} block;

/* libsodium opens its source on first use, which is thread-safe only after sodium_init.
 * Not for a process that forks: parent and child would use the same bytes. */
static void random_bytes(unsigned char *ret_bytes, size_t length)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    unsigned char *from;

    if (block.left < length) {
        pthread_once(&once, sodium_start);
        randombytes_buf(block.bytes, sizeof(block.bytes));
        block.left = sizeof(block.bytes);
    }
    from = block.bytes + sizeof(block.bytes) - block.left;
    memcpy(ret_bytes, from, length);
    sodium_memzero(from, length); /* the bytes returned may be a secret */
    block.left -= length;
}

void ql_uuid_from_bytes(char ret_uuid[QL_UUID_SIZE], const unsigned char bytes[QL_UUID_BYTES])
{
    char *out = ql_hex(ret_uuid, bytes, 4);

    for (size_t at = 4; at < 10; at += 2) {
        *out++ = '-';
        out = ql_hex(out, bytes + at, 2);
    }
    *out++ = '-';
    (void)ql_hex(out, bytes + 10, 6);
}

/* Sets version and variant (RFC 9562 section 4) and prints. */
static void print_uuid(char ret_uuid[QL_UUID_SIZE], unsigned char bytes[QL_UUID_BYTES], int version)
{
    bytes[6] = (unsigned char)((bytes[6] & 0x0f) | (version << 4));
    bytes[8] = (unsigned char)((bytes[8] & 0x3f) | 0x80);
    ql_uuid_from_bytes(ret_uuid, bytes);
}

void ql_uuid_new(char ret_uuid[QL_UUID_SIZE])
{
    uint64_t now = (uint64_t)ql_unix_ms();
    unsigned char bytes[QL_UUID_BYTES];

    for (int i = 0; i < 6; i++)
        bytes[i] = (unsigned char)(now >> (40 - 8 * i));
    random_bytes(bytes + 6, QL_UUID_BYTES - 6);
    print_uuid(ret_uuid, bytes, 7);
}

void ql_uuid_derive(char ret_uuid[QL_UUID_SIZE], const char *const *parts, size_t n_parts)
{
    unsigned char digest[crypto_hash_sha256_BYTES];
    crypto_hash_sha256_state state;

    crypto_hash_sha256_init(&state);
    for (size_t i = 0; i < n_parts; i++) {
        uint64_t length = strlen(parts[i]);
        unsigned char prefix[8];

        for (int j = 0; j < 8; j++)
            prefix[j] = (unsigned char)(length >> (56 - 8 * j));
        crypto_hash_sha256_update(&state, prefix, sizeof(prefix));
        crypto_hash_sha256_update(&state, (const unsigned char *)parts[i], length);
    }
    crypto_hash_sha256_final(&state, digest);
    print_uuid(ret_uuid, digest, 8);
}

bool ql_uuid_is_valid(const char *text)
{
    if (text == NULL)
        return false;
    for (int i = 0; i < QL_UUID_SIZE - 1; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;

        if (dash ? text[i] != '-' : ql_hex_digit(text[i]) < 0)
            return false;
    }
    return text[QL_UUID_SIZE - 1] == '\0';
}

void ql_uuid_copy(char ret_uuid[QL_UUID_SIZE], const char *text)
{
    if (strlen(text) >= QL_UUID_SIZE)
        text = "-";
    memcpy(ret_uuid, text, strlen(text) + 1);
    ql_text_lower(ret_uuid);
}

bool ql_uuid_to_bytes(const char *text, unsigned char ret_bytes[QL_UUID_BYTES])
{
    if (!ql_uuid_is_valid(text))
        return false;
    for (size_t i = 0; i < QL_UUID_BYTES; i++, text += 2) {
        if (*text == '-')
            text++;
        ret_bytes[i] = (unsigned char)(ql_hex_digit(text[0]) << 4 | ql_hex_digit(text[1]));
    }
    return true;
}

bool ql_uuid_is_derived(const char *text)
{
    enum { VERSION_PLACE = 14 };

    return ql_uuid_is_valid(text) && text[VERSION_PLACE] == '8';
}

void ql_random_bytes(void *ret_bytes, size_t n_bytes)
{
    unsigned char *bytes = ret_bytes;

    while (n_bytes > 0) {
        size_t length = n_bytes < RANDOM_CHUNK ? n_bytes : RANDOM_CHUNK;

        random_bytes(bytes, length);
        bytes += length;
        n_bytes -= length;
    }
}

void ql_random_hex(char *ret_text, size_t n_bytes)
{
    unsigned char bytes[RANDOM_CHUNK];

    while (n_bytes > 0) {
        size_t length = n_bytes < sizeof(bytes) ? n_bytes : sizeof(bytes);

        random_bytes(bytes, length);
        ret_text = ql_hex(ret_text, bytes, length);
        n_bytes -= length;
    }
    *ret_text = '\0';
    sodium_memzero(bytes, sizeof(bytes));
}
