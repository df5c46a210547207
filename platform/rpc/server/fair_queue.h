/* A bounded queue that serves its clients in turn. Module-internal.
 *
 * What waits is ordered by group (a method) and, in each group, by client: groups
 * take turns, the clients of a group take turns, and what one client sent to one
 * group waits in the order in which it came. So a client, or a method, that many
 * calls arrive for delays the others by one call for each of its turns.
 *
 * The queue is bounded in calls and in bytes. When it is full, whoever holds more
 * of it than a newcomer would makes way: of the group that holds most, the client
 * that holds most loses what came last. A newcomer that would hold as much itself
 * is refused.
 *
 * Not thread-safe: worker_pool.h has the lock. */
#ifndef QL_RPC_FAIR_QUEUE_H
#define QL_RPC_FAIR_QUEUE_H

#include <stdbool.h>
#include <stddef.h>

#include "platform/base/attributes.h"
#include "platform/base/digest.h"

enum qli_fair_measure { QLI_FAIR_CALLS, QLI_FAIR_BYTES, QLI_FAIR_MEASURES };

struct qli_fair_flow;

/* One Request in the queue; embedded in what waits. */
struct qli_fair_item {
    void *owner;
    size_t group; /* below the queue's n_groups */
    unsigned char client[QL_KEYED_DIGEST_BYTES];
    size_t amount[QLI_FAIR_MEASURES]; /* calls not yet executed; bytes held */
    struct qli_fair_item *next, *previous;
    struct qli_fair_flow *flow; /* NULL: not in a queue */
};

/* What one client has waiting in one group. */
struct qli_fair_flow {
    struct qli_fair_flow *next, *previous; /* the group's circle */
    struct qli_fair_flow *chain;           /* of the table by client */
    struct qli_fair_item *first, *last;
    size_t group;
    unsigned char client[QL_KEYED_DIGEST_BYTES];
    size_t amount[QLI_FAIR_MEASURES];
};

struct qli_fair_group {
    struct qli_fair_group *next, *previous; /* the queue's circle */
    struct qli_fair_flow *turn;             /* who is next; NULL: nobody waits */
    size_t amount[QLI_FAIR_MEASURES];
};

struct qli_fair_queue {
    struct qli_fair_group *groups, *turn; /* whose turn it is; NULL: nothing waits */
    size_t n_groups;
    struct qli_fair_flow *flows, *free_flows, **chains;
    size_t n_chains, n_items;
    size_t held[QLI_FAIR_MEASURES]; /* all that waits */
};

/* An empty queue for at most items_max items at once. False without memory. */
bool qli_fair_queue_init(struct qli_fair_queue *queue, size_t n_groups, size_t items_max);
void qli_fair_queue_done(struct qli_fair_queue *queue); /* what waits is the owners' */

/* Adds an item, within the maxima. Into an empty queue an item of any size is taken,
 * unless a maximum is 0: else a large one could never be. What had to make way is *ret_evicted, a list by next, and the caller's to refuse, also
 * when the item is refused (false). */
bool qli_fair_queue_push(struct qli_fair_queue *queue, struct qli_fair_item *item,
                         const size_t max[QLI_FAIR_MEASURES],
                         struct qli_fair_item **ret_evicted) QL_MUST_CHECK;

/* Takes the item whose turn it is, for one of its calls; NULL when nothing waits. */
struct qli_fair_item *qli_fair_queue_pop(struct qli_fair_queue *queue);

/* Puts an item back after one of several calls, in front of what its client has
 * waiting and whatever the queue holds. Its group and client may be others now. */
void qli_fair_queue_put_back(struct qli_fair_queue *queue, struct qli_fair_item *item);

#endif
