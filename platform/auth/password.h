/* Passwords: Argon2id by libsodium (RFC 9106), 19 MiB, 2 passes, parallelism 1. */
#ifndef QL_AUTH_PASSWORD_H
#define QL_AUTH_PASSWORD_H

#include <stdbool.h>

#include "platform/base/call.h"

enum { QL_PASSWORD_HASH_SIZE = 128 };

/* Hashes a password; some 30 ms of one core. RESOURCE_EXHAUSTED without memory.
 * Any thread; the caller bounds how many run at once (the worker pool of heavy methods). */
enum ql_code ql_password_hash(struct ql_call *call, const char *password,
                              char ret_hash[QL_PASSWORD_HASH_SIZE]) QL_MUST_CHECK;

/* True when password gives hash. Takes as long for a wrong one. */
bool ql_password_matches(const char *hash, const char *password);

/* Takes as long as ql_password_matches, without a result: for names that do not exist, so
 * that the time does not reveal which ones do. */
void ql_password_decoy(const char *password);

#endif
