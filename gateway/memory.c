/* Counts of bytes. malloc keeps freed memory for its own use; after a flood that
 * is most of the process, so it is returned once the flood is over. */
#include "gateway/memory.h"

#include <malloc.h>

#include "gateway/abuse.h"
#include "gateway/loop.h"
#include "platform/base/clock.h"

enum {
    LEAST_WORTH_CUTTING = 64 * 1024, /* bytes */
    TRIM_BYTES = 8 * 1024 * 1024,    /* given back since the last time */
    TRIM_INTERVAL_MS = 2000,
    /* While much is held: what was freed lies in pieces between what is held, which no
     * later body may fit into. */
    SHORT_TRIM_INTERVAL_MS = 100,
};

static size_t held_by(const struct connection *connection)
{
    return connection->charged + connection->buffered;
}

static bool is_full(const struct loop *loop)
{
    return loop->held_bytes - loop->ending_bytes > loop->max_held_bytes;
}

/* Cuts the connection that holds the most. False: none holds much. */
static bool relieve(struct loop *loop)
{
    struct connection *largest = NULL;

    for (h2o_linklist_t *link = loop->connections.next; link != &loop->connections;
         link = link->next) {
        struct connection *connection = H2O_STRUCT_FROM_MEMBER(struct connection, link, link);

        if (!connection->is_cut && (largest == NULL || held_by(connection) > held_by(largest)))
            largest = connection;
    }
    if (largest == NULL || held_by(largest) < LEAST_WORTH_CUTTING)
        return false;
    abuse_cut(largest, "memory");
    return true;
}

static void add(struct connection *connection, size_t bytes)
{
    connection->loop->held_bytes += bytes;
    if (connection->is_cut)
        connection->loop->ending_bytes += bytes;
}

static void subtract(struct connection *connection, size_t bytes)
{
    struct loop *loop = connection->loop;

    loop->held_bytes -= bytes;
    loop->freed_bytes += bytes;
    if (connection->is_cut)
        loop->ending_bytes -= bytes;
}

enum memory_verdict memory_take(struct connection *connection, const struct ql_client *client,
                                size_t bytes)
{
    struct ql_limits *limits = connection->loop->gateway->limits;

    if (!ql_client_limit_take(limits, QL_LIMIT_HELD_BYTES, client, (int64_t)bytes))
        return MEMORY_CLIENT_FULL;
    add(connection, bytes);
    while (is_full(connection->loop)) {
        if (relieve(connection->loop))
            continue;
        subtract(connection, bytes);
        ql_client_limit_give(limits, QL_LIMIT_HELD_BYTES, client, (int64_t)bytes);
        return MEMORY_LOOP_FULL;
    }
    return MEMORY_TAKEN;
}

void memory_give(struct connection *connection, const struct ql_client *client, size_t bytes)
{
    subtract(connection, bytes);
    ql_client_limit_give(connection->loop->gateway->limits, QL_LIMIT_HELD_BYTES, client,
                         (int64_t)bytes);
}

bool memory_set_buffered(struct connection *connection, size_t bytes)
{
    size_t before = connection->buffered;

    if (bytes > before &&
        memory_take(connection, &connection->client, bytes - before) != MEMORY_TAKEN)
        return false;
    if (bytes < before)
        memory_give(connection, &connection->client, before - bytes);
    connection->buffered = bytes;
    return true;
}

size_t memory_of_buffer(const h2o_buffer_t *buffer)
{
    return buffer != NULL && buffer->bytes != NULL ? buffer->capacity : 0;
}

void memory_expect_end(struct connection *connection)
{
    connection->loop->ending_bytes += held_by(connection);
}

bool memory_is_short(const struct loop *loop)
{
    return loop->held_bytes > loop->max_held_bytes / 2;
}

void memory_trim(struct loop *loop)
{
    int64_t now_ms;

    if (loop->freed_bytes < TRIM_BYTES)
        return;
    now_ms = ql_monotonic_ms();
    if (now_ms - loop->trimmed_ms <
        (memory_is_short(loop) ? SHORT_TRIM_INTERVAL_MS : TRIM_INTERVAL_MS))
        return;
    loop->freed_bytes = 0;
    loop->trimmed_ms = now_ms;
    malloc_trim(0);
}
