/* The keys of a JWKS file, read again when the file changes.
 *
 * The calling threads check the file, once a second at most. When the file is broken or
 * missing the old keys stay in use, with one line in the log. Every change gives the keys a
 * new generation. Any thread. */
#ifndef QL_AUTH_KEY_WATCH_H
#define QL_AUTH_KEY_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "platform/auth/key_set.h"
#include "platform/base/buffer.h"

struct qli_key_watch;

/* NULL with a text in error when the file cannot be used. */
struct qli_key_watch *qli_key_watch_new(const char *jwks_file, char *error, size_t error_size);
void qli_key_watch_free(struct qli_key_watch *watch);

/* Checks the file by stat(2) when that is due. True when the keys in use are those of the
 * file, as of the last check; false when the file has to be read again. */
bool qli_key_watch_is_current(struct qli_key_watch *watch);

/* The same, and reads the file when it has changed. */
void qli_key_watch_refresh(struct qli_key_watch *watch);

uint64_t qli_key_watch_generation(struct qli_key_watch *watch);

/* The keys in use as a JWKS, appended to out. */
void qli_key_watch_write(struct qli_key_watch *watch, struct ql_buffer *out);

/* The key of a kid, which the caller releases, its issuer and its generation. NULL when
 * there is none. */
struct evp_pkey_st *qli_key_watch_find(struct qli_key_watch *watch, const char *kid,
                                       char ret_issuer[QL_ISSUER_MAX], uint64_t *ret_generation);

#endif
