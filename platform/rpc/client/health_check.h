/* Health checks: a CheckHealth for each endpoint in doubt, on its own exchange.
 *
 * CheckHealth is answered from memory on the callee's receiving thread, however busy its
 * workers are: one that stays unanswered means a process that does not run. An endpoint
 * is checked when calls are outstanding and nothing came back for a while, when an
 * answer or a time-out raised a doubt, and again and again while it is out. The only
 * endpoint is checked only while nng's reaper is stuck: else there is nothing to decide. */
#ifndef QL_RPC_CLIENT_HEALTH_CHECK_H
#define QL_RPC_CLIENT_HEALTH_CHECK_H

#include "platform/rpc/arena_pool.h"
#include "platform/rpc/client/balancer.h"

struct qli_health_check;

/* Adds its tick to the ticker. NULL without memory. */
struct qli_health_check *qli_health_check_new(struct qli_balancer *balancer,
                                              struct qli_ticker *ticker,
                                              struct qli_arena_pool *arenas);

/* Gives up the checks under way; after the ticker's stop, before the balancer is freed.
 * NULL is fine. */
void qli_health_check_free(struct qli_health_check *health_check);

#endif
