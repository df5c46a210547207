/* Generations and their announcements. Which announcement comes first does not matter:
 * the highest generation counts. */
#include "services/user/token_revocation.h"

#include <stdio.h>

#include "platform/outbox/outbox.h"
#include "questline/user/v1/names.h"
#include "services/user/service_account_store.h"
#include "services/user/user_store.h"

/* No token of a session that has ended is good. */
enum { GENERATION_AFTER_THE_END = 1 };

/* user_id is "" for what is about no user. */
static enum ql_code announce(struct ql_call *call, struct ql_pg_tx *tx, const char *user_id,
                             const char *subject_id, int64_t generation)
{
    TokensRevoked body;
    struct ql_event event;
    enum ql_code rc;

    TokensRevoked_init(&body);
    body.subject_id = (char *)subject_id;
    body.generation = generation;
    rc = ql_event_make(call, EVENT_TOKENS_REVOKED, NULL, user_id, &body.base, &event);
    if (rc != QL_OK)
        return rc;
    return ql_outbox_add(call, tx, &event, 1);
}

enum ql_code token_revoke_user(struct ql_call *call, struct ql_pg_tx *tx, const char *user_id)
{
    int64_t generation;
    enum ql_code rc = user_store_revoke_tokens(call, tx, user_id, &generation);

    if (rc != QL_OK)
        return rc;
    return announce(call, tx, user_id, user_id, generation);
}

enum ql_code token_revoke_service_account(struct ql_call *call, struct ql_pg_tx *tx,
                                          const char *service_account_id)
{
    int64_t generation;
    enum ql_code rc =
        service_account_store_revoke_tokens(call, tx, service_account_id, &generation);

    if (rc != QL_OK)
        return rc;
    return announce(call, tx, "", service_account_id, generation);
}

enum ql_code token_revoke_session(struct ql_call *call, struct ql_pg_tx *tx, const char *user_id,
                                  const char *session_id)
{
    return announce(call, tx, user_id, session_id, GENERATION_AFTER_THE_END);
}

void token_identity_of_user(const struct user *user, const char *session_id,
                            struct ql_identity *ret_identity)
{
    *ret_identity = (struct ql_identity){.role = user->role, .generation = user->token_generation};
    snprintf(ret_identity->subject, sizeof(ret_identity->subject), "%s", user->user_id);
    snprintf(ret_identity->session_id, sizeof(ret_identity->session_id), "%s", session_id);
}

void token_identity_of_service_account(const struct service_account *account,
                                       struct ql_identity *ret_identity)
{
    *ret_identity =
        (struct ql_identity){.role = QL_ROLE_PUBLISHER, .generation = account->token_generation};
    snprintf(ret_identity->subject, sizeof(ret_identity->subject), "%s",
             account->service_account_id);
}
