/* A completed quest on its way to a claim: what QuestCompleted said, what the
 * catalog answered, and why it came to nothing, if so. */
#ifndef QL_USER_COMPLETION_H
#define QL_USER_COMPLETION_H

#include "platform/pg/pg.h"
#include "services/user/claim.h"

struct completion {
    const char *event_id;
    struct claim claim;         /* complete after the look-ups */
    const char *refusal;        /* UPPER_SNAKE; NULL: none */
    const char *refusal_detail; /* for people */
    bool has_no_user;           /* nothing comes of it, and nobody is missing a reward */
};

/* Gives what completions promise, all in one transaction: one claim each, and
 * for a claim born paid the credit. A claim that the wallet has no room for waits.
 * What was given before is not given again. A completion that came with a refusal
 * is left alone; has_no_user is found here. */
enum ql_code completion_give(struct ql_call *call, struct ql_pg_pool *pool,
                             struct completion *completions, size_t n_completions) QL_MUST_CHECK;

#endif
