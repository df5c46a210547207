/* The table of limits: what the log and the metrics call each, whose it is. */
#ifndef QL_LIMITS_LIMIT_TABLE_H
#define QL_LIMITS_LIMIT_TABLE_H

#include "platform/limits/limits.h"

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
