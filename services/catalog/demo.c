/* Demo data of a local system: one reward and the quest that gives it. The ids
 * are derived, so that they are the same on every machine. */
#include "questline/user/v1/names.h"
#include "services/catalog/catalog.h"
#include "services/catalog/quest_kind.h"
#include "platform/resource/standard_command.h"
#include "services/catalog/reward_kind.h"

static void demo_id(char ret_id[QL_UUID_SIZE], const char *noun)
{
    const char *const parts[] = {"demo", noun};

    ql_uuid_derive(ret_id, parts, QL_ARRAY_LENGTH(parts));
}

static enum ql_code seed_reward(struct ql_call *call, struct ql_pg_tx *tx, const char *reward_id)
{
    Reward reward;

    Reward_init(&reward);
    reward.reward_name = (char *)"Ten diamonds";
    reward.reward_item = (char *)"diamond";
    reward.reward_qty = 10;
    return ql_resource_seed(call, tx, &reward_kind, reward_id, &reward.base);
}

static enum ql_code seed_quest(struct ql_call *call, struct ql_pg_tx *tx, char *reward_id)
{
    char *event_types[] = {(char *)EVENT_NEW_USER_SIGN_IN, (char *)EVENT_USER_SIGN_IN};
    char quest_id[QL_UUID_SIZE];
    Quest quest;

    demo_id(quest_id, "quest");
    Quest_init(&quest);
    quest.reward_id = reward_id;
    quest.name = (char *)"Sign in three times";
    quest.description = (char *)"Sign in three times to earn ten diamonds; twice at most.";
    quest.streak = 3;
    quest.duplication = 2;
    quest.event_types = event_types;
    quest.n_event_types = QL_ARRAY_LENGTH(event_types);
    return ql_resource_seed(call, tx, &quest_kind, quest_id, &quest.base);
}

enum ql_code catalog_seed_demo(struct ql_call *call, void *app)
{
    struct catalog *catalog = app;
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    char reward_id[QL_UUID_SIZE];
    enum ql_code rc;

    demo_id(reward_id, "reward");
    rc = ql_pg_begin(call, catalog->parts.pg, &tx);
    if (rc != QL_OK)
        return rc;
    rc = seed_reward(call, tx, reward_id);
    if (rc != QL_OK)
        return rc;
    rc = seed_quest(call, tx, reward_id);
    if (rc != QL_OK)
        return rc;
    return ql_service_commit(call, &tx);
}
