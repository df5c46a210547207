/* The bytes that a loop holds for its clients: bodies, answers and buffers. They are counted
 * when they are allocated, against the limit of the client's address and against the loop's
 * share of QL_MAX_HELD_BYTES. Loop's thread only. */
#ifndef QL_GATEWAY_MEMORY_H
#define QL_GATEWAY_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <h2o.h>

#include "platform/limits/limits.h"

enum memory_verdict {
    MEMORY_TAKEN,
    MEMORY_CLIENT_FULL, /* the client is at its limit */
    MEMORY_LOOP_FULL,   /* all clients together are, and none holds enough to be cut */
};

/* Of one loop. */
struct memory {
    struct ql_limits *limits;
    /* Cuts the connection that holds the most; false when none holds enough. */
    bool (*relieve)(struct memory *memory);
    size_t held;   /* bytes */
    size_t ending; /* of these, held by connections that are cut */
    size_t max;
    size_t freed; /* since memory was returned to the system */
    int64_t trimmed_ms;
};

/* Of one connection. */
struct memory_account {
    struct memory *memory;
    size_t charged;  /* bytes that its requests hold; counted by gateway/charge.c */
    size_t buffered; /* bytes of its buffers, and of requests that arrive */
    bool is_ending;  /* the connection is cut: what it holds will be free soon */
};

/* Counts bytes of the client that this connection holds. While the loop is full,
 * relieve is called, which may cut this connection too. Nothing is counted unless
 * MEMORY_TAKEN. */
enum memory_verdict memory_take(struct memory_account *account, const struct ql_client *client,
                                size_t bytes);
/* Counts them as freed. */
void memory_give(struct memory_account *account, const struct ql_client *client, size_t bytes);

/* Counts the bytes that the connection's own buffers hold now. False: a limit is reached. */
bool memory_set_buffered(struct memory_account *account, const struct ql_client *client,
                         size_t bytes);

/* Before the connection is cut. */
void memory_expect_end(struct memory_account *account);

/* All that the connection holds. */
size_t memory_held_by(const struct memory_account *account);

/* True when more than half of the loop's share is held. */
bool memory_is_short(const struct memory *memory);

/* The bytes allocated for a buffer of h2o's, up to twice its contents; NULL is fine. */
size_t memory_of_buffer(const h2o_buffer_t *buffer);

/* Returns free memory to the system, when much was freed since the last trim. Takes
 * milliseconds, a few times a minute at most. */
void memory_trim(struct memory *memory);

#endif
