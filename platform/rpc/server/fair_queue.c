/* Circles of groups and of flows, a table that finds the flow of a client, and the
 * choice of what makes way. */
#include "platform/rpc/server/fair_queue.h"

#include <stdlib.h>
#include <string.h>

/* Circular lists: an element alone is its own neighbour. */
#define CIRCLE_INSERT(head, element)                                                               \
    do {                                                                                           \
        if (*(head) == NULL) {                                                                     \
            (element)->next = (element)->previous = (element);                                     \
            *(head) = (element);                                                                   \
        } else { /* last: in front of whose turn it is */                                          \
            (element)->next = *(head);                                                             \
            (element)->previous = (*(head))->previous;                                             \
            (element)->previous->next = (element)->next->previous = (element);                     \
        }                                                                                          \
    } while (0)

#define CIRCLE_REMOVE(head, element)                                                               \
    do {                                                                                           \
        if ((element)->next == (element)) {                                                        \
            *(head) = NULL;                                                                        \
        } else {                                                                                   \
            (element)->previous->next = (element)->next;                                           \
            (element)->next->previous = (element)->previous;                                       \
            if (*(head) == (element))                                                              \
                *(head) = (element)->next;                                                         \
        }                                                                                          \
    } while (0)

bool qli_fair_queue_init(struct qli_fair_queue *queue, size_t n_groups, size_t items_max)
{
    *queue = (struct qli_fair_queue){.n_groups = n_groups, .n_chains = 16};
    while (queue->n_chains < items_max)
        queue->n_chains *= 2;
    queue->groups = calloc(n_groups, sizeof(*queue->groups));
    queue->flows = calloc(items_max, sizeof(*queue->flows));
    queue->chains = calloc(queue->n_chains, sizeof(*queue->chains));
    if (queue->groups == NULL || queue->flows == NULL || queue->chains == NULL) {
        qli_fair_queue_done(queue);
        return false;
    }
    for (size_t i = 0; i < items_max; i++) {
        queue->flows[i].chain = queue->free_flows;
        queue->free_flows = &queue->flows[i];
    }
    return true;
}

void qli_fair_queue_done(struct qli_fair_queue *queue)
{
    free(queue->groups);
    free(queue->flows);
    free(queue->chains);
    *queue = (struct qli_fair_queue){0};
}

/* The client is a keyed digest: any of its bits are as good as others. */
static struct qli_fair_flow **chain_of(const struct qli_fair_queue *queue, size_t group,
                                       const unsigned char *client)
{
    size_t hash;

    memcpy(&hash, client, sizeof(hash));
    return &queue->chains[(hash + group) & (queue->n_chains - 1)];
}

static struct qli_fair_flow *find_flow(const struct qli_fair_queue *queue,
                                       const struct qli_fair_item *item)
{
    struct qli_fair_flow *flow = *chain_of(queue, item->group, item->client);

    while (flow != NULL && (flow->group != item->group ||
                            memcmp(flow->client, item->client, sizeof(flow->client)) != 0))
        flow = flow->chain;
    return flow;
}

/* There are as many flows as items may wait. */
static struct qli_fair_flow *add_flow(struct qli_fair_queue *queue,
                                      const struct qli_fair_item *item)
{
    struct qli_fair_group *group = &queue->groups[item->group];
    struct qli_fair_flow **chain = chain_of(queue, item->group, item->client);
    struct qli_fair_flow *flow = queue->free_flows;

    queue->free_flows = flow->chain;
    *flow = (struct qli_fair_flow){.chain = *chain, .group = item->group};
    memcpy(flow->client, item->client, sizeof(flow->client));
    *chain = flow;
    if (group->turn == NULL)
        CIRCLE_INSERT(&queue->turn, group);
    CIRCLE_INSERT(&group->turn, flow);
    return flow;
}

static void remove_flow(struct qli_fair_queue *queue, struct qli_fair_flow *flow)
{
    struct qli_fair_group *group = &queue->groups[flow->group];
    struct qli_fair_flow **link = chain_of(queue, flow->group, flow->client);

    while (*link != flow)
        link = &(*link)->chain;
    *link = flow->chain;
    CIRCLE_REMOVE(&group->turn, flow);
    if (group->turn == NULL)
        CIRCLE_REMOVE(&queue->turn, group);
    flow->chain = queue->free_flows;
    queue->free_flows = flow;
}

static void link_item(struct qli_fair_queue *queue, struct qli_fair_item *item, bool is_first)
{
    struct qli_fair_flow *flow = find_flow(queue, item);

    if (flow == NULL)
        flow = add_flow(queue, item);
    item->flow = flow;
    item->previous = is_first ? NULL : flow->last;
    item->next = is_first ? flow->first : NULL;
    *(item->previous != NULL ? &item->previous->next : &flow->first) = item;
    *(item->next != NULL ? &item->next->previous : &flow->last) = item;
    queue->n_items++;
    for (int m = 0; m < QLI_FAIR_MEASURES; m++) {
        queue->held[m] += item->amount[m];
        flow->amount[m] += item->amount[m];
        queue->groups[flow->group].amount[m] += item->amount[m];
    }
}

static void unlink_item(struct qli_fair_queue *queue, struct qli_fair_item *item)
{
    struct qli_fair_flow *flow = item->flow;

    *(item->previous != NULL ? &item->previous->next : &flow->first) = item->next;
    *(item->next != NULL ? &item->next->previous : &flow->last) = item->previous;
    item->next = item->previous = NULL;
    item->flow = NULL;
    queue->n_items--;
    for (int m = 0; m < QLI_FAIR_MEASURES; m++) {
        queue->held[m] -= item->amount[m];
        flow->amount[m] -= item->amount[m];
        queue->groups[flow->group].amount[m] -= item->amount[m];
    }
    if (flow->first == NULL)
        remove_flow(queue, flow);
}

/* Of the groups the one that holds most; the newcomer's own among equals. */
static const struct qli_fair_group *largest_group(const struct qli_fair_queue *queue,
                                                  const struct qli_fair_group *own, int m)
{
    const struct qli_fair_group *largest = own, *group = queue->turn;

    do {
        if (group->amount[m] > largest->amount[m])
            largest = group;
        group = group->next;
    } while (group != queue->turn);
    return largest;
}

static struct qli_fair_flow *largest_flow(const struct qli_fair_group *group, int m)
{
    struct qli_fair_flow *largest = group->turn, *flow = group->turn;

    do {
        if (flow->amount[m] > largest->amount[m])
            largest = flow;
        flow = flow->next;
    } while (flow != group->turn);
    return largest;
}

/* What makes way for the item; NULL when nobody holds more than it would. */
static struct qli_fair_item *find_victim(const struct qli_fair_queue *queue,
                                         const struct qli_fair_item *item, int m)
{
    const struct qli_fair_group *own = &queue->groups[item->group], *group;
    const struct qli_fair_flow *own_flow = find_flow(queue, item);
    size_t held = own_flow != NULL ? own_flow->amount[m] : 0;
    struct qli_fair_flow *flow;

    if (queue->turn == NULL)
        return NULL;
    group = largest_group(queue, own, m);
    if (group->turn == NULL)
        return NULL;
    flow = largest_flow(group, m);
    if (group != own)
        return group->amount[m] > own->amount[m] + item->amount[m] ? flow->last : NULL;
    return flow != own_flow && flow->amount[m] > held + item->amount[m] ? flow->last : NULL;
}

static bool has_space(const struct qli_fair_queue *queue, const struct qli_fair_item *item, int m,
                      const size_t max[QLI_FAIR_MEASURES])
{
    return queue->held[m] + item->amount[m] <= max[m] || (queue->n_items == 0 && max[m] > 0);
}

bool qli_fair_queue_push(struct qli_fair_queue *queue, struct qli_fair_item *item,
                         const size_t max[QLI_FAIR_MEASURES], struct qli_fair_item **ret_evicted)
{
    struct qli_fair_item *victim;

    *ret_evicted = NULL;
    for (int m = 0; m < QLI_FAIR_MEASURES; m++) {
        while (!has_space(queue, item, m, max)) {
            victim = find_victim(queue, item, m);
            if (victim == NULL)
                return false;
            unlink_item(queue, victim);
            victim->next = *ret_evicted;
            *ret_evicted = victim;
        }
    }
    link_item(queue, item, false);
    return true;
}

/* Turns pass on before the item is taken out, which may end its flow. */
struct qli_fair_item *qli_fair_queue_pop(struct qli_fair_queue *queue)
{
    struct qli_fair_group *group = queue->turn;
    struct qli_fair_item *item;

    if (group == NULL)
        return NULL;
    item = group->turn->first;
    queue->turn = group->next;
    group->turn = group->turn->next;
    unlink_item(queue, item);
    return item;
}

void qli_fair_queue_put_back(struct qli_fair_queue *queue, struct qli_fair_item *item)
{
    link_item(queue, item, true);
}
