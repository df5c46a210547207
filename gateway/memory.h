/* The bytes that a loop holds for its clients: bodies that arrive, answers that
 * leave, buffers between. They are counted when they are taken, against the
 * client's address and against the loop's share of QL_MAX_HELD_BYTES. Loop's
 * thread only. */
#ifndef QL_GATEWAY_MEMORY_H
#define QL_GATEWAY_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

#include "gateway/connection.h"

struct loop;

enum memory_verdict {
    MEMORY_TAKEN,
    MEMORY_CLIENT_FULL, /* the client is at its limit */
    MEMORY_LOOP_FULL,   /* all clients together are, and none holds much */
};

/* Takes bytes for the client, over this connection. When all clients together hold
 * too much, the connection that holds the most is cut, which may be this one.
 * Nothing is taken unless MEMORY_TAKEN. */
enum memory_verdict memory_take(struct connection *connection, const struct ql_client *client,
                                size_t bytes);
/* Returns them. */
void memory_give(struct connection *connection, const struct ql_client *client, size_t bytes);

/* Counts what the connection's own buffers hold now. False: it is too much. */
bool memory_set_buffered(struct connection *connection, size_t bytes);

/* Of a buffer of h2o's, which takes up to twice of what it holds; NULL is fine. */
size_t memory_of_buffer(const h2o_buffer_t *buffer);

/* Before the connection is cut: what it holds will be free soon. */
void memory_expect_end(struct connection *connection);

/* True when more than half of the loop's share is held. */
bool memory_is_short(const struct loop *loop);

/* Returns free memory to the system, when much has been given back since the last
 * time. Takes milliseconds, a few times a minute at most. */
void memory_trim(struct loop *loop);

#endif
