/* Asking the catalog, never for long: the caller's thread also keeps a broker's
 * connection alive. */
#include "services/user/catalog_client.h"

#include <stdio.h>

#include "platform/base/clock.h"
#include "questline/catalog/v1/client.h"

enum { LOOK_UP_TIMEOUT_MS = 2000 };

/* Leaves the call no more than the time of a look-up; returns its own deadline, to be put
 * back. */
static int64_t deadline_shorten(struct ql_call *call)
{
    int64_t callers_deadline_ms = call->deadline_ms;
    int64_t deadline_ms = ql_monotonic_ms() + LOOK_UP_TIMEOUT_MS;

    if (deadline_ms < callers_deadline_ms)
        call->deadline_ms = deadline_ms;
    return callers_deadline_ms;
}

enum ql_code catalog_client_reward_terms(struct ql_call *call, struct ql_rpc_channel *channel,
                                         const char *quest_id, int64_t revision,
                                         struct reward_terms *ret_terms)
{
    GetQuestRequest in;
    GetQuestResponse *out;
    int64_t callers_deadline_ms;
    enum ql_code rc;

    GetQuestRequest_init(&in);
    in.quest_id = (char *)quest_id;
    in.revision = revision;
    callers_deadline_ms = deadline_shorten(call);
    rc = quest_query_service_get_quest(call, channel, &in, &out);
    call->deadline_ms = callers_deadline_ms;
    if (rc != QL_OK)
        return rc;
    if (out->quest == NULL)
        return ql_fail(call, QL_INTERNAL, "CATALOG_ANSWER", "the catalog's answer has no quest");
    snprintf(ret_terms->quest_id, sizeof(ret_terms->quest_id), "%s", quest_id);
    snprintf(ret_terms->reward_id, sizeof(ret_terms->reward_id), "%s", out->quest->reward_id);
    ret_terms->revision = revision;
    ret_terms->auto_claim = out->quest->auto_claim != 0;
    return QL_OK;
}

enum ql_code catalog_client_reward(struct ql_call *call, struct ql_rpc_channel *channel,
                                   const char *reward_id, struct reward_content *ret_reward)
{
    GetRewardRequest in;
    GetRewardResponse *out;
    int64_t callers_deadline_ms;
    enum ql_code rc;

    GetRewardRequest_init(&in);
    in.reward_id = (char *)reward_id;
    callers_deadline_ms = deadline_shorten(call);
    rc = reward_query_service_get_reward(call, channel, &in, &out);
    call->deadline_ms = callers_deadline_ms;
    if (rc != QL_OK)
        return rc;
    if (out->reward == NULL)
        return ql_fail(call, QL_INTERNAL, "CATALOG_ANSWER", "the catalog's answer has no reward");
    ret_reward->item = out->reward->reward_item;
    ret_reward->qty = out->reward->reward_qty;
    return QL_OK;
}
