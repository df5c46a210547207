/* When an ISO week becomes FINAL. */
#include "services/evaluation/boards/week_counted.h"

enum ql_code week_counted(struct ql_call *call, struct ql_pg_tx *tx, const char *const *weeks,
                          size_t n_weeks)
{
    (void)call;
    (void)tx;
    (void)weeks;
    (void)n_weeks;
    return QL_OK;
}
