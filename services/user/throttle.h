/* How often sign-ins may fail before they are refused unseen. Pure rules; no I/O.
 *
 * A failure counts three times: against the account at that address, against the
 * address and against the account. The first is the narrow one: who mistypes, or
 * guesses, at one place. The second stops who tries many names. The third stops
 * who guesses one password from many places. The last two are strangers' failures
 * and spare users who are signed in: an account of which a session lives that began
 * at the address is held to the first alone.
 *
 * Whoever proves with the password that the account of a living token is theirs is
 * held to the failures of such proofs alone, of that account at the address and of
 * the account: no stranger's failures refuse them, and a copied token guesses no more
 * than a stranger may. */
#ifndef QL_USER_THROTTLE_H
#define QL_USER_THROTTLE_H

#include <stdbool.h>
#include <stdint.h>

enum {
    THROTTLE_KEY_SIZE = 33, /* 32 hexadecimal digits and the NUL */
};

enum throttle_scope { THROTTLE_PAIR, THROTTLE_ACCOUNT, THROTTLE_ADDRESS, THROTTLE_SCOPES };

/* Settings of the service. */
struct throttle_rules {
    int64_t window_ms; /* from a first failure on */
    int64_t limits[THROTTLE_SCOPES];
};

/* What one sign-in counts against. A name that nobody can have is the name "":
 * unknown names are counted as known ones are, so that neither the answer nor its
 * time distinguishes them. */
struct throttle {
    char keys[THROTTLE_SCOPES][THROTTLE_KEY_SIZE];
    bool has_address; /* else nothing is counted against one */
    bool has_failed;  /* as THROTTLE_PAIR, in this window; read by the store */
};

struct throttle_count {
    int64_t failures;
    int64_t ends_in_ms; /* when the window is over */
};

/* For a sign-in. */
void throttle_begin(struct throttle *throttle, const char *user_name, const char *client_address);

/* For a password check of a caller who has a token of the account. */
void throttle_begin_password_check(struct throttle *throttle, const char *user_name,
                                   const char *client_address);

/* How long to wait before the next try; 0: go on. */
int64_t throttle_wait_ms(const struct throttle_rules *rules,
                         const struct throttle_count counts[THROTTLE_SCOPES], bool is_at_home);

#endif
