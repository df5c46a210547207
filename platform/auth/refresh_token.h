/* Refresh tokens, with which a session is continued. Returned once and stored as a hash
 * only, so that a copy of the table gives no access to a session. SHA-256 without salt is
 * enough, as tokens are random.
 *
 * A token has two halves of 128 bits. The first identifies the session and is the same in
 * all of its tokens, so that a token replaced long ago still shows its session without
 * being stored. The second belongs to the token. The next token is derived from the
 * previous one and a random salt: with the stored salt a client that still has the
 * previous token gets the same next token again, and the table alone reveals none. */
#ifndef QL_AUTH_REFRESH_TOKEN_H
#define QL_AUTH_REFRESH_TOKEN_H

enum {
    QL_REFRESH_TOKEN_SIZE = 65, /* 64 hexadecimal digits and the NUL */
    QL_REFRESH_HASH_BYTES = 32,
    QL_REFRESH_SALT_BYTES = 32,
};

/* The first token of a new family. Any thread. */
void ql_refresh_token_new(char ret_token[QL_REFRESH_TOKEN_SIZE]);

/* The hash that is stored of a token, and looked up when one is presented. Any thread. */
void ql_refresh_token_hash(const char *token, unsigned char ret_hash[QL_REFRESH_HASH_BYTES]);

/* The hash of the half that all tokens of one session share. Takes any text; one that is no
 * token gives a hash of no session. Any thread. */
void ql_refresh_family_hash(const char *token, unsigned char ret_hash[QL_REFRESH_HASH_BYTES]);

/* A salt for one rotation. Any thread. */
void ql_refresh_salt_new(unsigned char ret_salt[QL_REFRESH_SALT_BYTES]);

/* The token derived from token and salt, always the same one. token is a result of
 * ql_refresh_token_new or of this function. Any thread. */
void ql_refresh_token_next(const char *token, const unsigned char salt[QL_REFRESH_SALT_BYTES],
                           char ret_token[QL_REFRESH_TOKEN_SIZE]);

#endif
