/* Names of queues and streams, made from those in the options of a contract. */
#include "platform/events/topology_table.h"

#include <string.h>

#include "platform/pb/schema/events.h"

/* A further queue has its name before the package's version: questline.arena.prizes.v1. */
static const char *queue_name(struct ql_arena *arena, const struct ql_event_queue *stated)
{
    const char *version = strrchr(stated->package, '.');

    if (stated->name[0] == '\0')
        return stated->package;
    return ql_arena_printf(arena, "%.*s.%s%s", (int)(version - stated->package), stated->package,
                           stated->name, version);
}

static const char *queue_short_name(struct ql_arena *arena, const struct ql_event_queue *stated)
{
    if (stated->name[0] == '\0')
        return stated->service;
    return ql_arena_printf(arena, "%s.%s", stated->service, stated->name);
}

static bool queue_fill(struct ql_queue *queue, struct ql_arena *arena,
                       const struct ql_event_queue *stated)
{
    queue->name = queue_name(arena, stated);
    queue->short_name = queue_short_name(arena, stated);
    if (queue->name == NULL || queue->short_name == NULL)
        return false;
    queue->dead_letter = ql_arena_printf(arena, "%s.dead", queue->name);
    queue->dead_letter_key = ql_arena_printf(arena, QLI_DEAD_LETTER_PREFIX "%s", queue->short_name);
    queue->replay = ql_arena_printf(arena, "%s.replay", queue->name);
    queue->service = stated->service;
    queue->bindings = stated->bindings;
    return queue->dead_letter != NULL && queue->dead_letter_key != NULL && queue->replay != NULL;
}

bool qli_stream_keeps(const struct ql_stream *stream, const char *routing_key)
{
    const char *const *binding = stream->bindings;

    while (*binding != NULL && strcmp(*binding, routing_key) != 0)
        binding++;
    return *binding != NULL;
}

/* Finds the stream of this name or adds it; NULL without memory. */
static struct ql_stream *stream_add(struct qli_topology_table *table, struct ql_arena *arena,
                                    const char *name, size_t n_types)
{
    struct ql_stream *stream = &table->streams[table->n_streams];
    const char *full_name = ql_arena_printf(arena, "questline.%s.v1", name);

    if (full_name == NULL)
        return NULL;
    for (size_t i = 0; i < table->n_streams; i++) {
        if (strcmp(table->streams[i].name, full_name) == 0)
            return &table->streams[i];
    }
    stream->name = full_name;
    stream->bindings = ql_arena_calloc(arena, n_types + 1, sizeof(*stream->bindings));
    table->n_streams += stream->bindings != NULL;
    return stream->bindings == NULL ? NULL : stream;
}

static bool streams_fill(struct qli_topology_table *table, struct ql_arena *arena,
                         const struct ql_event_type *types, size_t n_types)
{
    for (size_t i = 0; i < n_types; i++) {
        const char **binding;
        struct ql_stream *stream;

        if (types[i].stream[0] == '\0')
            continue;
        stream = stream_add(table, arena, types[i].stream, n_types);
        if (stream == NULL)
            return false;
        if (qli_stream_keeps(stream, types[i].routing_key))
            continue;
        binding = (const char **)stream->bindings;
        while (*binding != NULL)
            binding++;
        *binding = types[i].routing_key;
    }
    return true;
}

bool qli_topology_table_fill(struct qli_topology_table *table, struct ql_arena *arena,
                             const struct ql_schema *schema)
{
    size_t n_types;
    const struct ql_event_type *types = ql_schema_event_types(schema, &n_types);
    const struct ql_event_queue *stated = ql_schema_event_queues(schema, &table->n_queues);

    table->queues = ql_arena_calloc(arena, table->n_queues, sizeof(*table->queues));
    table->streams = ql_arena_calloc(arena, n_types, sizeof(*table->streams));
    if (table->queues == NULL || table->streams == NULL)
        return false;
    for (size_t i = 0; i < table->n_queues; i++) {
        if (!queue_fill(&table->queues[i], arena, &stated[i]))
            return false;
    }
    return streams_fill(table, arena, types, n_types);
}
