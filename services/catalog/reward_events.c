/* Announcing rewards: a row in the outbox, in the transaction of the change. */
#include "services/catalog/reward_events.h"

#include <inttypes.h>
#include <stdio.h>

#include "platform/outbox/outbox.h"
#include "services/catalog/reward_pb.h"

enum ql_code reward_publish_changed(struct ql_call *call, struct ql_pg_tx *tx,
                                    const struct reward *reward)
{
    char event_id[QL_UUID_SIZE], revision[24];
    const char *const parts[] = {"reward", reward->reward_id, revision};
    RewardChanged body;
    struct ql_event event;
    enum ql_code rc;

    snprintf(revision, sizeof(revision), "%" PRId64, reward->revision);
    ql_uuid_derive(event_id, parts, QL_ARRAY_LENGTH(parts));
    RewardChanged_init(&body);
    body.reward = reward_to_pb(call, reward);
    if (body.reward == NULL)
        return ql_fail_memory(call);
    rc = ql_event_make(call, "RewardChanged", event_id, "", &body.base, &event);
    if (rc != QL_OK)
        return rc;
    return ql_outbox_add(call, tx, &event, 1);
}
