/* What operators see of the caches and the read model. */
#ifndef QL_READSIDE_CACHE_METRICS_H
#define QL_READSIDE_CACHE_METRICS_H

#include "platform/readside/read_side.h"

void qli_cache_metrics_register(const struct ql_read_side *side);
/* Writes down how things are; for the one thread that fills the caches. A lease that was
 * there the last time and is there no more is counted. */
void qli_cache_metrics_show(const struct ql_read_side *side);
void qli_cache_metrics_count_relist(void);

#endif
