/* Passwords of users, as RFC 8265 (OpaqueString) compares them: the same whatever
 * keyboard or system they were typed on. "é" is one character on one system and an
 * "e" with an accent on another; both are hashed as the one (Unicode's NFC), and
 * every kind of space as the ASCII one. Nothing else is changed: neither case nor
 * width. */
#ifndef QL_USER_USER_PASSWORD_H
#define QL_USER_USER_PASSWORD_H

#include "platform/auth/password.h"

/* A character is composed of at most 4 code points of at most 4 bytes each: any way to
 * type the longest password is no longer than this. */
enum {
    USER_PASSWORD_MIN = 8,
    USER_PASSWORD_MAX = 128, /* characters, composed */
    USER_PASSWORD_TYPED_MAX = 2048,
};

/* 8 to 128 characters of UTF-8, counted in the one form. Reads no more than
 * USER_PASSWORD_TYPED_MAX bytes and the next. */
bool user_password_is_valid(const char *password);

/* Whether somebody may have it, also of an account made when passwords were counted as
 * they were typed: it is not longer than USER_PASSWORD_TYPED_MAX bytes. */
bool user_password_is_possible(const char *password);

/* ql_password_hash of the password in its one form. password is valid by
 * user_password_is_valid. */
enum ql_code user_password_hash(struct ql_call *call, const char *password,
                                char ret_hash[QL_PASSWORD_HASH_SIZE]) QL_MUST_CHECK;

/* Whether password gives hash. Hashes made before there was one form were made of
 * what was typed: so that is tried too, for a password that is not in that form and
 * does not match in it. False at once for one that is not possible. */
bool user_password_matches(const char *hash, const char *password);

/* Whether both are one password, typed alike or not. */
bool user_password_is_same(const char *password, const char *other);

/* Takes as long as user_password_matches for a wrong password. */
void user_password_decoy(const char *password);

#endif
