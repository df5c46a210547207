/* A completed quest while a claim is made of it: what QuestCompleted says, what the catalog
 * answered, and the reason when there is no claim. */
#ifndef QL_USER_COMPLETION_H
#define QL_USER_COMPLETION_H

#include "platform/pg/pg.h"
#include "services/user/claim.h"

struct quest_completion {
    const char *event_id;
    struct claim claim;         /* filled by the look-ups */
    const char *refusal;        /* UPPER_SNAKE; NULL: none */
    const char *refusal_detail; /* for people */
    bool has_no_user;           /* no claim: the event names a user who does not exist */
};

/* Stores one claim for each completion, and credits the wallet for those that are claimed at
 * once, all in one transaction. A claim whose reward would overflow the balance stays pending.
 * A completion that has a claim already changes nothing. A completion that came with a refusal
 * is skipped; has_no_user is set here. */
enum ql_code completion_apply(struct ql_call *call, struct ql_pg_pool *pool,
                              struct quest_completion *completions,
                              size_t n_completions) QL_MUST_CHECK;

#endif
