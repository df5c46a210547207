/* Memory that all requests of a loop share, for work within one callback. Loop's thread
 * only. */
#ifndef QL_GATEWAY_WORKSPACE_H
#define QL_GATEWAY_WORKSPACE_H

#include <stdbool.h>

#include "platform/base/arena.h"
#include "platform/base/buffer.h"

enum { WORKSPACE_ARENA_BYTES = 4 * 1024 * 1024 }; /* for reading one request */

struct workspace {
    struct ql_arena *arena; /* reset at the end of the callback */
    struct ql_buffer wire;  /* a request message */
    struct ql_buffer json;  /* an answer */
};

/* False without memory; workspace_done releases what there is in any case. */
bool workspace_init(struct workspace *workspace) QL_MUST_CHECK;
void workspace_done(struct workspace *workspace);

/* Empties a buffer of the workspace, and frees its memory if it has grown large. */
void workspace_clear(struct ql_buffer *buffer);

#endif
