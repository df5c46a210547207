/* Demo data of a local system: rewards and the quests that give them. The ids are
 * derived, so that they are the same on every machine. */
#include "questline/evaluation/v1/names.h"
#include "questline/user/v1/names.h"
#include "services/catalog/catalog.h"
#include "services/catalog/quest_kind.h"
#include "platform/resource/standard_command.h"
#include "services/catalog/reward_kind.h"

enum { EVENT_TYPES_MAX = 2 };

/* A quest with its own reward of diamonds, and at most one condition. */
struct demo_quest {
    const char *noun, *reward_noun; /* their ids are derived from these */
    const char *reward_name;
    int32_t diamonds;
    const char *name, *description;
    int32_t streak, duplication;
    const char *event_types[EVENT_TYPES_MAX + 1];
    const char *field; /* of the payload; NULL: no condition */
    Questline__Catalog__V1__ConditionOperator operator;
    double number; /* EQUAL: whether the field is true; else what it is compared with */
};

static const struct demo_quest demo_quests[] = {
    {
        .noun = "quest",
        .reward_noun = "reward",
        .reward_name = "Ten diamonds",
        .diamonds = 10,
        .name = "Sign in three times",
        .description = "Sign in three times to earn ten diamonds; twice at most.",
        .streak = 3,
        .duplication = 2,
        .event_types = {EVENT_NEW_USER_SIGN_IN, EVENT_USER_SIGN_IN},
    },
    {
        .noun = "quest of three passed quizzes",
        .reward_noun = "reward of three passed quizzes",
        .reward_name = "Twenty diamonds",
        .diamonds = 20,
        .name = "Pass three quizzes",
        .description = "Reach 80 per cent in three attempts at quizzes to earn twenty diamonds.",
        .streak = 3,
        .duplication = 1,
        .event_types = {EVENT_SCORE_CALCULATED},
        .field = "scorePercent",
        .operator= CONDITION_OPERATOR_GREATER_OR_EQUAL,
        .number = 80,
    },
    {
        .noun = "quest of three different quizzes",
        .reward_noun = "reward of three different quizzes",
        .reward_name = "Thirty diamonds",
        .diamonds = 30,
        .name = "Three different ones",
        .description = "Pass three different quizzes to earn thirty diamonds.",
        .streak = 3,
        .duplication = 1,
        .event_types = {EVENT_SCORE_CALCULATED},
        .field = "firstPass",
        .operator= CONDITION_OPERATOR_EQUAL,
        .number = true,
    },
};

static void demo_id(char ret_id[QL_UUID_SIZE], const char *noun)
{
    const char *const parts[] = {"demo", noun};

    ql_uuid_derive(ret_id, parts, QL_ARRAY_LENGTH(parts));
}

static enum ql_code seed_reward(struct ql_call *call, struct ql_pg_tx *tx,
                                const struct demo_quest *demo)
{
    char reward_id[QL_UUID_SIZE];
    Reward reward;

    demo_id(reward_id, demo->reward_noun);
    Reward_init(&reward);
    reward.reward_name = (char *)demo->reward_name;
    reward.reward_item = (char *)"diamond";
    reward.reward_qty = demo->diamonds;
    return ql_resource_seed(call, tx, &reward_kind, reward_id, &reward.base);
}

static void make_condition(const struct demo_quest *demo, Condition *ret_condition,
                           Google__Protobuf__Value *ret_value)
{
    google__protobuf__value__init(ret_value);
    if (demo->operator== CONDITION_OPERATOR_EQUAL) {
        ret_value->kind_case = GOOGLE__PROTOBUF__VALUE__KIND_BOOL_VALUE;
        ret_value->bool_value = demo->number != 0;
    } else {
        ret_value->kind_case = GOOGLE__PROTOBUF__VALUE__KIND_NUMBER_VALUE;
        ret_value->number_value = demo->number;
    }
    Condition_init(ret_condition);
    ret_condition->field = (char *)demo->field;
    ret_condition->operator_ = demo->operator;
    ret_condition->value = ret_value;
}

static enum ql_code seed_quest(struct ql_call *call, struct ql_pg_tx *tx,
                               const struct demo_quest *demo)
{
    char quest_id[QL_UUID_SIZE], reward_id[QL_UUID_SIZE];
    Google__Protobuf__Value value;
    Condition condition, *conditions[] = {&condition};
    Quest quest;

    demo_id(quest_id, demo->noun);
    demo_id(reward_id, demo->reward_noun);
    Quest_init(&quest);
    quest.reward_id = reward_id;
    quest.name = (char *)demo->name;
    quest.description = (char *)demo->description;
    quest.streak = demo->streak;
    quest.duplication = demo->duplication;
    quest.event_types = (char **)demo->event_types;
    while (demo->event_types[quest.n_event_types] != NULL)
        quest.n_event_types++;
    if (demo->field != NULL) {
        make_condition(demo, &condition, &value);
        quest.conditions = conditions;
        quest.n_conditions = 1;
    }
    return ql_resource_seed(call, tx, &quest_kind, quest_id, &quest.base);
}

enum ql_code catalog_seed_demo(struct ql_call *call, void *app)
{
    struct catalog *catalog = app;
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    enum ql_code rc;

    rc = ql_pg_begin(call, catalog->parts.pg, &tx);
    if (rc != QL_OK)
        return rc;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(demo_quests); i++) {
        rc = seed_reward(call, tx, &demo_quests[i]);
        if (rc != QL_OK)
            return rc;
        rc = seed_quest(call, tx, &demo_quests[i]);
        if (rc != QL_OK)
            return rc;
    }
    return ql_service_commit(call, &tx);
}
