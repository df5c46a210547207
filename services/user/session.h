/* A session: what lets its user go on without the password. Pure rules; no I/O. */
#ifndef QL_USER_SESSION_H
#define QL_USER_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "platform/auth/refresh_token.h"
#include "platform/base/id.h"

enum { SESSIONS_PER_USER_MAX = 100, SESSION_GRACE_MAX_MS = 60000 };

/* How long sessions live: settings of the service. */
struct session_rules {
    int64_t idle_ms;  /* without a refresh */
    int64_t life_ms;  /* altogether */
    int64_t grace_ms; /* in which a refresh token that was replaced is answered again */
};

struct session {
    char session_id[QL_UUID_SIZE];
    char user_id[QL_UUID_SIZE];
    unsigned char family_hash[QL_REFRESH_HASH_BYTES];
    unsigned char refresh_hash[QL_REFRESH_HASH_BYTES]; /* of the newest token */
    const char *client_key; /* digest of the account and where it began; NULL: not known */

    /* Read by the store. */
    bool is_over;                                       /* its time is */
    bool has_turned;                                    /* the newest token is not the first */
    bool is_in_grace;                                   /* it turned a moment ago */
    unsigned char previous_hash[QL_REFRESH_HASH_BYTES]; /* of the token before */
    unsigned char turn_salt[QL_REFRESH_SALT_BYTES];     /* by which the newest follows from it */
};

/* What a refresh token of the session's family is worth. */
enum session_verdict {
    SESSION_TURNS,     /* the newest: it is replaced */
    SESSION_RESTS,     /* the newest, made a moment ago: it stays, and is answered again */
    SESSION_REPEATS,   /* replaced a moment ago: the same next one is answered again */
    SESSION_IS_REUSED, /* replaced before: two hold tokens of one session */
    SESSION_IS_OVER,
};

/* Becomes a new session of the user with a fresh id, and sets its first token. */
void session_begin(struct session *session, const char *user_id,
                   char ret_token[QL_REFRESH_TOKEN_SIZE]);

/* How long after a turn the token that was replaced is answered, and the newest one
 * is not replaced: so at most one turn falls into a grace, and whoever held a token
 * of the session when it began goes on. At most half of the time in which a session
 * may idle, as a refresh that replaces nothing does not prolong the session. */
int64_t session_grace_ms(const struct session_rules *rules);

/* Whether the token continues its session. */
bool session_goes_on(enum session_verdict verdict);

enum session_verdict session_evaluate(const struct session *session, const char *token);

#endif
