/* Names, defaults and settings of all limits. */
#include "platform/limits/limit_table.h"

#include <stddef.h>
#include <stdlib.h>

#include "platform/base/attributes.h"

enum { MIB = 1024 * 1024, MAX = 1000 * 1000, BAD_TOKENS_WINDOW_MS = 10 * 1000 };

#define AT(limit) offsetof(struct ql_limits_settings, max[limit])

const struct qli_limit qli_limit_table[QL_LIMITS] = {
    [QL_LIMIT_CONNECTIONS] = {"connections", false, 0},
    [QL_LIMIT_REQUESTS] = {"requests", false, 0},
    [QL_LIMIT_HELD_BYTES] = {"held_bytes", false, 0},
    [QL_LIMIT_UNVERIFIED_TOKENS] = {"unverified_tokens", false, 0},
    [QL_LIMIT_BAD_TOKENS] = {"bad_tokens", false, BAD_TOKENS_WINDOW_MS},
    [QL_LIMIT_ACCOUNT_REQUESTS] = {"account_requests", true, 0},
    [QL_LIMIT_PIPES] = {"pipes", false, 0},
    [QL_LIMIT_HASHES] = {"hashes", false, 0},
    [QL_LIMIT_ACCOUNT_HASHES] = {"account_hashes", true, 0},
};

const struct ql_setting ql_limits_http_settings[] = {
    {"QL_MAX_CONNECTIONS_PER_ADDRESS", QL_SETTING_INT, AT(QL_LIMIT_CONNECTIONS), "1024",
     "open HTTP connections of one client address; further ones are closed", 1, MAX, false},
    {"QL_MAX_REQUESTS_PER_ADDRESS", QL_SETTING_INT, AT(QL_LIMIT_REQUESTS), "1024",
     "requests of one client address at once; further ones are answered 429", 1, MAX, false},
    {"QL_MAX_HELD_BYTES_PER_ADDRESS", QL_SETTING_INT, AT(QL_LIMIT_HELD_BYTES), "67108864",
     "bodies and answers held for one client address; beyond it requests are refused", MIB,
     16LL * 1024 * MIB, false},
    {"QL_MAX_UNVERIFIED_TOKENS_PER_ADDRESS", QL_SETTING_INT, AT(QL_LIMIT_UNVERIFIED_TOKENS), "64",
     "tokens of one client address that wait for their check; further ones are answered 429", 1,
     MAX, false},
    {"QL_MAX_BAD_TOKENS_PER_ADDRESS", QL_SETTING_INT, AT(QL_LIMIT_BAD_TOKENS), "100",
     "refused tokens of one client address in ten seconds; then fewer may wait for a check", 1, MAX,
     false},
    {"QL_MAX_REQUESTS_PER_ACCOUNT", QL_SETTING_INT, AT(QL_LIMIT_ACCOUNT_REQUESTS), "512",
     "requests of one account at once; further ones are answered 429", 1, MAX, false},
    {0},
};

const struct ql_setting ql_limits_rpc_settings[] = {
    {"QL_MAX_PIPES_PER_ADDRESS", QL_SETTING_INT, AT(QL_LIMIT_PIPES), "256",
     "RPC connections of one caller's address; further ones are closed", 1, MAX, false},
    {"QL_MAX_HASHES_PER_ADDRESS", QL_SETTING_INT, AT(QL_LIMIT_HASHES), "16",
     "passwords of one client address being checked or waiting; further ones are refused", 1, MAX,
     false},
    {"QL_MAX_HASHES_PER_ACCOUNT", QL_SETTING_INT, AT(QL_LIMIT_ACCOUNT_HASHES), "4",
     "passwords of one account being checked or waiting; further ones are refused", 1, MAX, false},
    {0},
};

const struct ql_setting *qli_limit_setting(enum ql_limit limit)
{
    static const struct ql_setting *const tables[] = {ql_limits_http_settings,
                                                      ql_limits_rpc_settings};

    for (size_t i = 0; i < QL_ARRAY_LENGTH(tables); i++)
        for (const struct ql_setting *setting = tables[i]; setting->key != NULL; setting++)
            if (setting->offset == AT(limit))
                return setting;
    abort(); /* a limit without a setting; the test of this table finds it */
}

int64_t qli_limit_default(enum ql_limit limit)
{
    return strtoll(qli_limit_setting(limit)->fallback, NULL, 10);
}
