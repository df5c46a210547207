/* Refresh tokens: what a session is continued with. Shown to its user once and
 * stored as a hash only, so that a copy of the table opens no session. A plain
 * SHA-256 is enough: there is nothing to guess.
 *
 * A token is two halves of 128 bits. The first is the session's and stays the
 * same in all tokens that follow each other; so a token that was replaced long
 * ago still proves which session it belonged to, and nothing needs to be kept of
 * it. The second is the token's own. The next token follows from the one before
 * and a random salt: with the salt stored, whoever has the one before can be told
 * the next one twice, and the table alone tells it to nobody. */
#ifndef QL_AUTH_REFRESH_TOKEN_H
#define QL_AUTH_REFRESH_TOKEN_H

enum {
    QL_REFRESH_TOKEN_SIZE = 65, /* 64 hexadecimal digits and the NUL */
    QL_REFRESH_HASH_BYTES = 32,
    QL_REFRESH_SALT_BYTES = 32,
};

/* The first token of a new family. Any thread. */
void ql_refresh_token_new(char ret_token[QL_REFRESH_TOKEN_SIZE]);

/* What is stored of a token, and looked up when one comes back. Any thread. */
void ql_refresh_token_hash(const char *token, unsigned char ret_hash[QL_REFRESH_HASH_BYTES]);

/* The hash of the half that all tokens of one session share. Any text may be
 * given; what is no token has the family of no session. Any thread. */
void ql_refresh_family_hash(const char *token, unsigned char ret_hash[QL_REFRESH_HASH_BYTES]);

/* A salt for one step. Any thread. */
void ql_refresh_salt_new(unsigned char ret_salt[QL_REFRESH_SALT_BYTES]);

/* The token that follows this one under this salt, always the same. token is
 * one that ql_refresh_token_new or this function made. Any thread. */
void ql_refresh_token_next(const char *token, const unsigned char salt[QL_REFRESH_SALT_BYTES],
                           char ret_token[QL_REFRESH_TOKEN_SIZE]);

#endif
