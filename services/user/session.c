/* The rules of a session. */
#include "services/user/session.h"

#include <stdio.h>
#include <string.h>

void session_begin(struct session *session, const char *user_id,
                   char ret_token[QL_REFRESH_TOKEN_SIZE])
{
    memset(session, 0, sizeof(*session));
    ql_uuid_new(session->session_id);
    snprintf(session->user_id, sizeof(session->user_id), "%s", user_id);
    ql_refresh_token_new(ret_token);
    ql_refresh_family_hash(ret_token, session->family_hash);
    ql_refresh_token_hash(ret_token, session->refresh_hash);
}

int64_t session_grace_ms(const struct session_rules *rules)
{
    return rules->grace_ms < rules->idle_ms / 2 ? rules->grace_ms : rules->idle_ms / 2;
}

bool session_goes_on(enum session_verdict verdict)
{
    return verdict == SESSION_TURNS || verdict == SESSION_RESTS || verdict == SESSION_REPEATS;
}

enum session_verdict session_evaluate(const struct session *session, const char *token)
{
    unsigned char hash[QL_REFRESH_HASH_BYTES];

    if (session->is_over)
        return SESSION_IS_OVER;
    ql_refresh_token_hash(token, hash);
    if (memcmp(hash, session->refresh_hash, sizeof(hash)) == 0)
        return session->has_turned && session->is_in_grace ? SESSION_RESTS : SESSION_TURNS;
    if (session->has_turned && session->is_in_grace &&
        memcmp(hash, session->previous_hash, sizeof(hash)) == 0)
        return SESSION_REPEATS;
    return SESSION_IS_REUSED;
}
