/* Demo data of a local system: one reward and the quest that gives it. The ids
 * are derived, so that they are the same on every machine. */
#include "services/catalog/catalog.h"

#include "services/catalog/quest_events.h"
#include "services/catalog/quest_store.h"
#include "services/catalog/reward_events.h"
#include "services/catalog/reward_store.h"

static void demo_id(char ret_id[QL_UUID_SIZE], const char *noun)
{
    const char *const parts[] = {"demo", noun};

    ql_uuid_derive(ret_id, parts, QL_ARRAY_LENGTH(parts));
}

static enum ql_code seed_reward(struct ql_call *call, struct ql_pg_tx *tx)
{
    struct reward reward = {.name = "Ten diamonds", .item = "diamond", .qty = 10}, stored;
    enum ql_code rc;

    reward_begin(&reward);
    demo_id(reward.reward_id, "reward");
    rc = reward_store_get(call, tx, reward.reward_id, 0, &stored);
    if (rc != QL_NOT_FOUND)
        return rc;
    ql_call_clear_status(call);
    rc = reward_validate(call, &reward);
    if (rc != QL_OK)
        return rc;
    rc = reward_store_insert(call, tx, &reward);
    if (rc != QL_OK)
        return rc;
    return reward_publish_changed(call, tx, &reward);
}

static enum ql_code seed_quest(struct ql_call *call, struct ql_pg_tx *tx)
{
    const char *event_types[] = {"NewUserSignIn", "UserSignIn"};
    struct quest quest = {
        .name = "Sign in three times",
        .description = "Sign in three times to earn ten diamonds; twice at most.",
        .streak = 3,
        .duplication = 2,
        .auto_claim = false,
        .event_types = event_types,
        .n_event_types = QL_ARRAY_LENGTH(event_types),
        .streak_rule = QUEST_EVERY_EVENT,
    };
    struct quest stored;
    enum ql_code rc;

    quest_begin(&quest);
    demo_id(quest.quest_id, "quest");
    demo_id(quest.reward_id, "reward");
    rc = quest_store_get(call, tx, quest.quest_id, 0, &stored);
    if (rc != QL_NOT_FOUND)
        return rc;
    ql_call_clear_status(call);
    rc = quest_validate(call, &quest);
    if (rc != QL_OK)
        return rc;
    rc = quest_store_insert(call, tx, &quest);
    if (rc != QL_OK)
        return rc;
    return quest_publish_changed(call, tx, &quest);
}

enum ql_code catalog_seed_demo(struct ql_call *call, void *app)
{
    struct catalog *catalog = app;
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    enum ql_code rc;

    rc = ql_pg_begin(call, catalog->parts.pg, &tx);
    if (rc != QL_OK)
        return rc;
    rc = seed_reward(call, tx);
    if (rc != QL_OK)
        return rc;
    rc = seed_quest(call, tx);
    if (rc != QL_OK)
        return rc;
    rc = ql_pg_commit(call, &tx);
    if (rc != QL_OK)
        return rc;
    ql_relay_wake(catalog->parts.relay);
    return QL_OK;
}
