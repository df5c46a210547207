/* Computing everything again that follows from attempts, beside what is stored: --check. */
#ifndef QL_EVALUATION_CHECK_H
#define QL_EVALUATION_CHECK_H

#include "platform/pg/pg.h"

/* A row that is not what it must be; all texts are the call's arena's. */
struct check_difference {
    const char *table, *key;
    const char *stored, *computed; /* "" for none */
};

enum { CHECK_LISTED_MAX = 20 }; /* differences listed of each table */

struct check_report {
    int64_t n_differences;
    struct check_difference *differences; /* the first ones of each table */
    size_t n_listed;
};

/* Compares results, entries of boards, counts of weeks and figures of quizzes with what
 * attempts and results come to. Rows of weeks that are FINAL are left out: they keep what was
 * then. Each table is compared in one snapshot, so events may be applied meanwhile. */
enum ql_code check_run(struct ql_call *call, struct ql_pg_pool *pool,
                       struct check_report *ret_report) QL_MUST_CHECK;

/* The command: prints the differences. FAILED_PRECONDITION (ROWS_DIFFER) when there are any. */
enum ql_code check_command(struct ql_call *call, void *app);

#endif
