/* An arena and two buffers with their bounds. */
#include "gateway/workspace.h"

enum {
    WIRE_BYTES = 1024 * 1024,     /* of a request message, the limit of services */
    JSON_BYTES = 8 * 1024 * 1024, /* of an answer, with escapes */
    KEPT_BYTES = 256 * 1024,      /* the largest empty buffer that is kept */
};

bool workspace_init(struct workspace *workspace)
{
    ql_buffer_init(&workspace->wire, WIRE_BYTES);
    ql_buffer_init(&workspace->json, JSON_BYTES);
    workspace->arena = ql_arena_new(WORKSPACE_ARENA_BYTES);
    return workspace->arena != NULL;
}

void workspace_done(struct workspace *workspace)
{
    ql_arena_free(workspace->arena);
    workspace->arena = NULL;
    ql_buffer_done(&workspace->wire);
    ql_buffer_done(&workspace->json);
}

void workspace_clear(struct ql_buffer *buffer)
{
    size_t limit = buffer->limit;

    ql_buffer_clear(buffer);
    if (buffer->capacity <= KEPT_BYTES)
        return;
    ql_buffer_done(buffer);
    ql_buffer_init(buffer, limit);
}
