/* Idempotency-Key: a creating call that a known caller repeats is answered as
 * the first time, for 24 hours, and takes effect once.
 *
 *   rc = ql_pg_begin(call, pool, &tx);
 *   ...
 *   rc = ql_idempotency_begin(call, tx, in, out, &is_repeated);
 *   if (rc != QL_OK || is_repeated)
 *       return rc;                     out is the answer of the first time
 *   ... store, announce, fill out ...
 *   rc = ql_idempotency_finish(call, tx, out);
 *   ...
 *   rc = ql_pg_commit(call, &tx);
 *
 * So the answer is complete before the commit. What is refused is not kept: the
 * transaction rolls back, and the same key may be used again.
 *
 * Kept are the caller, the method, the key, a digest of the request and the
 * whole answer: never for an answer with tokens, passwords or keys in it. One
 * whose message has a field that the contract marks secret, however deep, is
 * refused with INTERNAL (IDEMPOTENCY_OF_SECRETS). */
#ifndef QL_IDEMPOTENCY_IDEMPOTENCY_H
#define QL_IDEMPOTENCY_IDEMPOTENCY_H

#include <stdbool.h>

#include "platform/base/call.h"
#include "platform/idempotency/key.h"
#include "platform/pg/migration.h"
#include "platform/pg/pg.h"

enum {
    QL_IDEMPOTENCY_ANSWER_MAX = 256 * 1024, /* wire bytes */
};

/* Table idempotency_answers, numbered from 9101: passed to ql_pg_migrate behind
 * the service's own (platform/service does it). */
const struct ql_pg_migration *ql_idempotency_migrations(void);

/* call->is_replayed says in the answer that it is a repeated one.
 *
 * First in the transaction, before any other lock: takes the caller's key, as
 * call->idempotency_key and call->identity say. *ret_is_repeated is false when
 * there is no key, or nobody known to take it from (the key is ignored then), or
 * the key is new. When the same request was answered before, *ret_is_repeated is
 * true and *response is that answer; it lives in the call's arena.
 *
 * request and response are generated messages; response is initialised, and of
 * the method's type. A second transaction with one key waits for the first.
 * INVALID_ARGUMENT (INVALID_FIELD) names "Idempotency-Key" unless that is 1 to
 * 255 visible ASCII characters; ALREADY_EXISTS (IDEMPOTENCY_KEY_REUSED), 409 over
 * HTTP, when the key came with another request; codes of ql_pg_run. Keys of
 * other callers and other methods are other keys; a service that creates for
 * others by RPC is one caller, and the key that it passes on is theirs: it has to
 * send one that says for whom. */
enum ql_code ql_idempotency_begin(struct ql_call *call, struct ql_pg_tx *tx, const void *request,
                                  void *response, bool *ret_is_repeated) QL_MUST_CHECK;

/* Last in a transaction that ql_idempotency_begin did not call repeated: keeps
 * the answer. Nothing without a key. INTERNAL (IDEMPOTENT_ANSWER_TOO_LARGE) above
 * QL_IDEMPOTENCY_ANSWER_MAX. */
enum ql_code ql_idempotency_finish(struct ql_call *call, struct ql_pg_tx *tx,
                                   const void *response) QL_MUST_CHECK;

/* As ql_idempotency_begin, for any caller. DATA_LOSS (SEAL_BROKEN) for an answer
 * that was damaged. After the service's private key was replaced, keys from before
 * are unknown. */
enum ql_code ql_idempotency_begin_sealed(struct ql_call *call, struct ql_pg_tx *tx,
                                         const struct ql_idempotency_seal *seal,
                                         const void *request, void *response,
                                         bool *ret_is_repeated) QL_MUST_CHECK;

/* Looks for an answer and takes nothing: for who has slow work to do before the
 * transaction of the effect, which begins with begin_sealed all the same. */
enum ql_code ql_idempotency_find_sealed(struct ql_call *call, struct ql_pg_tx *tx,
                                        const struct ql_idempotency_seal *seal, const void *request,
                                        void *response, bool *ret_is_repeated) QL_MUST_CHECK;

enum ql_code ql_idempotency_finish_sealed(struct ql_call *call, struct ql_pg_tx *tx,
                                          const struct ql_idempotency_seal *seal,
                                          const void *response) QL_MUST_CHECK;

/* For the erasure of an account, in its transaction: deletes all answers that were kept
 * for the seal's owner, sealed ones and, for an owner "user:0192…", those that were not.
 * Then the owner's keys are unknown. Codes of ql_pg_run. */
enum ql_code ql_idempotency_forget(struct ql_call *call, struct ql_pg_tx *tx,
                                   const struct ql_idempotency_seal *seal) QL_MUST_CHECK;

/* Deletes rows older than 24 hours, at most 1000, in a transaction of its own; a
 * ql_relay_chore (platform/service hands it to the relay). */
enum ql_code ql_idempotency_purge(struct ql_call *call, struct ql_pg_pool *pool,
                                  bool *ret_has_more) QL_MUST_CHECK;

#endif
