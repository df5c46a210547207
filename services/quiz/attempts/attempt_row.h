/* An attempt as attempt.sql selects it. */
#ifndef QL_QUIZ_ATTEMPTS_ATTEMPT_ROW_H
#define QL_QUIZ_ATTEMPTS_ATTEMPT_ROW_H

#include "platform/pg/pg.h"
#include "services/quiz/attempts/attempt.h"

/* Reads the attempt whose columns begin at first_column of a row. It lives in the call's
 * arena. RESOURCE_EXHAUSTED. */
enum ql_code attempt_row_read(struct ql_call *call, const struct ql_pg_rows *rows, size_t number,
                              size_t first_column, struct attempt *ret_attempt) QL_MUST_CHECK;

#endif
