/* Announcing quests: a row in the outbox, in the transaction of the change. */
#include "services/catalog/quest_events.h"

#include <inttypes.h>
#include <stdio.h>

#include "platform/outbox/outbox.h"
#include "services/catalog/quest_pb.h"

enum ql_code quest_publish_changed(struct ql_call *call, struct ql_pg_tx *tx,
                                   const struct quest *quest)
{
    char event_id[QL_UUID_SIZE], revision[24];
    const char *const parts[] = {"quest", quest->quest_id, revision};
    QuestChanged body;
    struct ql_event event;
    enum ql_code rc;

    snprintf(revision, sizeof(revision), "%" PRId64, quest->revision);
    ql_uuid_derive(event_id, parts, QL_ARRAY_LENGTH(parts));
    QuestChanged_init(&body);
    body.quest = quest_to_pb(call, quest);
    if (body.quest == NULL)
        return ql_fail_memory(call);
    rc = ql_event_make(call, "QuestChanged", event_id, "", &body.base, &event);
    if (rc != QL_OK)
        return rc;
    return ql_outbox_add(call, tx, &event, 1);
}
