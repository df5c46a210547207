/* Questions in PostgreSQL. Results live in the call's arena. */
#ifndef QL_QUIZ_QUESTION_QUESTION_STORE_H
#define QL_QUIZ_QUESTION_QUESTION_STORE_H

#include "platform/pg/pg.h"
#include "questline/quiz/v1/names.h"

/* A revision of a question, which never changes. */
struct question_key {
    const char *question_id; /* a UUID in lower case */
    int64_t revision;
};

/* These revisions, complete and with their keys, in the order asked for: *ret_questions
 * is an array of n_keys. NOT_FOUND (QUESTION_NOT_FOUND) when one of them does not exist;
 * DATA_LOSS (STORED_DOCUMENT_UNREADABLE). */
enum ql_code question_store_load(struct ql_call *call, struct ql_pg_tx *tx,
                                 const struct question_key *keys, size_t n_keys,
                                 Question ***ret_questions) QL_MUST_CHECK;

#endif
