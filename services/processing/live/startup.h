/* What the process has beside the standard parts of a service: settings, migrations, memory. */
#ifndef QL_PROCESSING_LIVE_STARTUP_H
#define QL_PROCESSING_LIVE_STARTUP_H

#include "services/processing/live/processing.h"

extern const struct ql_setting processing_settings[];
const struct ql_pg_migration *processing_migrations(void);

/* Allocates the memory of the consumer thread and registers the metrics. app is a struct
 * processing. RESOURCE_EXHAUSTED (MEMORY_LIMIT). Main thread, before and behind all others. */
enum ql_code processing_start(struct ql_call *call, void *app);
void processing_stop(void *app);

#endif
