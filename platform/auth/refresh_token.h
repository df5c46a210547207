/* Refresh tokens: 256 random bits that a session is continued with. Shown to
 * its user once and stored as a hash only, so that a copy of the table opens no
 * session. A plain SHA-256 is enough: there is nothing to guess. */
#ifndef QL_AUTH_REFRESH_TOKEN_H
#define QL_AUTH_REFRESH_TOKEN_H

enum {
    QL_REFRESH_TOKEN_SIZE = 65, /* 64 hexadecimal digits and the NUL */
    QL_REFRESH_HASH_BYTES = 32,
};

/* A new token. Any thread. */
void ql_refresh_token_new(char ret_token[QL_REFRESH_TOKEN_SIZE]);

/* What is stored of a token, and looked up when one comes back. Any thread. */
void ql_refresh_token_hash(const char *token, unsigned char ret_hash[QL_REFRESH_HASH_BYTES]);

#endif
