/* The table of limits: what the log and the metrics call each, whose it is. */
#ifndef QL_LIMITS_LIMIT_TABLE_H
#define QL_LIMITS_LIMIT_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "platform/base/settings.h"

/* What is limited. limit_table.c has the table: name, whose, window, setting, default. */
enum ql_limit {
    QL_LIMIT_CONNECTIONS,       /* HTTP connections of an address */
    QL_LIMIT_REQUESTS,          /* HTTP requests of an address, HTTP/2 streams, until answered */
    QL_LIMIT_HELD_BYTES,        /* bodies that arrive from, answers that leave to an address */
    QL_LIMIT_UNVERIFIED_TOKENS, /* tokens from an address that wait for their check */
    QL_LIMIT_BAD_TOKENS,        /* tokens from an address that were refused; a window */
    QL_LIMIT_ACCOUNT_REQUESTS,  /* HTTP requests of an account, until answered */
    QL_LIMIT_PIPES,             /* RPC connections of an address */
    QL_LIMIT_HASHES,            /* passwords from an address, being hashed or waiting for it */
    QL_LIMIT_ACCOUNT_HASHES,    /* the same for an account */
    QL_LIMITS,
};

struct ql_limits_settings {
    int64_t max[QL_LIMITS];       /* 0: the default */
    int64_t window_ms[QL_LIMITS]; /* of limits with a window; 0: the default. No setting. */
};

/* Both fill a struct ql_limits_settings: limits where HTTP is served, and limits
 * where RPC is served. */
extern const struct ql_setting ql_limits_http_settings[];
extern const struct ql_setting ql_limits_rpc_settings[];

/* For this module alone. */

struct qli_limit {
    const char *name; /* in metrics and log lines */
    bool is_of_account;
    int64_t window_ms; /* 0: held until it is given back */
};

/* By enum ql_limit. */
extern const struct qli_limit qli_limit_table[QL_LIMITS];

/* The setting of a limit: its key and default. */
const struct ql_setting *qli_limit_setting(enum ql_limit limit);

/* The setting's default. */
int64_t qli_limit_default(enum ql_limit limit);

#endif
