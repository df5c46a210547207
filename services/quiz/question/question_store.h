/* Questions in PostgreSQL. Results live in the call's arena. */
#ifndef QL_QUIZ_QUESTION_QUESTION_STORE_H
#define QL_QUIZ_QUESTION_QUESTION_STORE_H

#include <stdbool.h>

#include "platform/pg/pg.h"
#include "questline/quiz/v1/names.h"

/* A revision of a question, which never changes. */
struct question_key {
    const char *question_id; /* a UUID in lower case */
    int64_t revision;
};

/* These revisions, complete and with their keys, in the order asked for: *ret_questions
 * is an array of n_keys. NOT_FOUND (QUESTION_NOT_FOUND) when one of them does not exist;
 * INTERNAL (ROW_UNREADABLE). */
enum ql_code question_store_load(struct ql_call *call, struct ql_pg_tx *tx,
                                 const struct question_key *keys, size_t n_keys,
                                 Question ***ret_questions) QL_MUST_CHECK;

/* Which newest revisions a list has. */
struct question_list {
    const char *after; /* by id, behind this one */
    int n_rows;        /* at most */
    int64_t max_bytes; /* the list ends early once its documents have so many */
    bool with_archived;
    const char *category, *tag;             /* "" for all */
    Questline__Quiz__V1__QuestionType type; /* unspecified: of any */
};

struct question_page {
    Question **questions; /* at least one when there is one */
    size_t n_questions;
    bool has_more;
};

enum ql_code question_store_list(struct ql_call *call, struct ql_pg_tx *tx,
                                 const struct question_list *list,
                                 struct question_page *ret_page) QL_MUST_CHECK;

#endif
