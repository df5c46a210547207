/* For the tests of claims: completions as they are delivered, on a real database and with a
 * real rpc server in the catalog's place. */
#ifndef QL_USER_CLAIM_EVENTS_FIXTURE_H
#define QL_USER_CLAIM_EVENTS_FIXTURE_H

#include "services/user/claim_events.h"
#include "services/user/user_fixture.h"

#include <setjmp.h>
#include <stdatomic.h>
#include <stdint.h>

#include <cmocka.h>

#include "platform/rpc/server/server.h"
#include "questline/catalog/v1/names.h"
#include "questline/processing/v1/names.h"
#include "questline/user/v1/names.h"

#define QUEST_WAITS   "018f0000-0000-7000-8000-000000000001" /* ten diamonds, to be claimed */
#define QUEST_PAYS    "018f0000-0000-7000-8000-000000000002" /* ten diamonds at once */
#define QUEST_WINGS   "018f0000-0000-7000-8000-000000000003" /* wings at once */
#define QUEST_UNKNOWN "018f0000-0000-7000-8000-00000000dead"
#define DIAMONDS      "018f0000-0000-7000-8000-000000000011"
#define WINGS         "018f0000-0000-7000-8000-000000000012"

enum { MAX_DELIVERIES = 8 };

static atomic_int n_quest_calls, n_reward_calls;
static struct ql_verifier *catalog_verifier;
static struct ql_rpc_server *catalog_server;
static struct ql_rpc_channel *channel; /* to that */

static inline enum ql_code fake_get_quest(struct ql_call *call, const GetQuestRequest *in,
                                          GetQuestResponse *out)
{
    atomic_fetch_add(&n_quest_calls, 1);
    if (strcmp(in->quest_id, QUEST_UNKNOWN) == 0)
        return ql_fail(call, QL_NOT_FOUND, "QUEST_NOT_FOUND", "quest does not exist");
    out->quest = ql_arena_alloc(call->arena, sizeof(*out->quest));
    if (out->quest == NULL)
        return ql_fail_memory(call);
    Quest_init(out->quest);
    out->quest->quest_id = in->quest_id;
    out->quest->revision = in->revision;
    out->quest->reward_id = (char *)(strcmp(in->quest_id, QUEST_WINGS) == 0 ? WINGS : DIAMONDS);
    out->quest->auto_claim = strcmp(in->quest_id, QUEST_WAITS) != 0;
    return QL_OK;
}

static inline enum ql_code fake_get_reward(struct ql_call *call, const GetRewardRequest *in,
                                           GetRewardResponse *out)
{
    bool is_wings = strcmp(in->reward_id, WINGS) == 0;

    atomic_fetch_add(&n_reward_calls, 1);
    out->reward = ql_arena_alloc(call->arena, sizeof(*out->reward));
    if (out->reward == NULL)
        return ql_fail_memory(call);
    Reward_init(out->reward);
    out->reward->reward_id = in->reward_id;
    out->reward->reward_item = (char *)(is_wings ? "wings" : "diamond");
    out->reward->reward_qty = is_wings ? 2 : 10;
    return QL_OK;
}

QL_RPC_HANDLER(fake_get_quest, GetQuestRequest, GetQuestResponse)
QL_RPC_HANDLER(fake_get_reward, GetRewardRequest, GetRewardResponse)

static const struct ql_rpc_method fake_methods[] = {
    QL_RPC_METHOD(QuestQueryService_GetQuest, fake_get_quest, GetQuestRequest, GetQuestResponse,
                  QL_RPC_POOL_NORMAL),
    QL_RPC_METHOD(RewardQueryService_GetReward, fake_get_reward, GetRewardRequest,
                  GetRewardResponse, QL_RPC_POOL_NORMAL),
    {0},
};
static const struct ql_rpc_method *const fake_lists[] = {fake_methods, NULL};

/* Deliveries under way to the handler, their texts in a call's arena. */
struct batch {
    struct ql_call *call;
    struct ql_delivery deliveries[MAX_DELIVERIES];
    size_t n;
};

static inline void batch_begin(struct batch *batch)
{
    memset(batch, 0, sizeof(*batch));
    batch->call = test_call_new(&app);
}

static inline void batch_done(struct batch *batch)
{
    test_call_freep(&batch->call);
}

/* As processing announces it: the event's id follows from user, quest, ordinal. */
static inline void batch_add(struct batch *batch, const char *user_id, const char *quest_id,
                             int32_t ordinal)
{
    char event_id[QL_UUID_SIZE], number[16];
    QuestCompleted body;

    snprintf(number, sizeof(number), "%d", ordinal);
    ql_uuid_derive(event_id, (const char *const[]){"completed", user_id, quest_id, number}, 4);
    QuestCompleted_init(&body);
    body.quest_id = (char *)quest_id;
    body.quest_revision = 1;
    body.ordinal = ordinal;
    assert_int_equal(ql_event_make(batch->call, EVENT_QUEST_COMPLETED, event_id, user_id,
                                   &body.base, &batch->deliveries[batch->n].event),
                     QL_OK);
    batch->deliveries[batch->n++].routing_key = EVENT_QUEST_COMPLETED_KEY;
}

static inline enum ql_code batch_deliver(struct batch *batch)
{
    return claim_events_consume(batch->call, batch->deliveries, batch->n);
}

static inline void deliver_one(const char *user_id, const char *quest_id, int32_t ordinal,
                               const char *expected_rejection)
{
    struct batch batch;

    batch_begin(&batch);
    batch_add(&batch, user_id, quest_id, ordinal);
    assert_int_equal(batch_deliver(&batch), QL_OK);
    assert_string_equal(batch.deliveries[0].reject_reason, expected_rejection);
    batch_done(&batch);
}

static inline int64_t count(const char *table, const char *user_id)
{
    return test_sql(&database, "SELECT count(*) FROM %s WHERE user_id = '%s'", table, user_id);
}

static inline int64_t diamonds(const char *user_id)
{
    return test_sql(&database, "SELECT diamond FROM users WHERE user_id = '%s'", user_id);
}

/* The user service, and the catalog that it calls. */
static inline int claim_events_set_up(void **state)
{
    char error[256] = "", address[FIXTURE_ADDRESS_SIZE];

    (void)state;
    if (test_user_start() != 0)
        return -1;
    catalog_verifier = ql_verifier_new("catalog", keys.jwks, error, sizeof(error));
    fixture_must(catalog_verifier != NULL, error);
    fixture_free_address(address);
    catalog_server =
        ql_rpc_server_start(&(const struct ql_rpc_server_options){.service = "catalog",
                                                                  .address = address,
                                                                  .methods = fake_lists,
                                                                  .verifier = catalog_verifier,
                                                                  .n_workers = 2,
                                                                  .n_heavy_workers = 1,
                                                                  .heavy_queue = 1},
                            error, sizeof(error));
    fixture_must(catalog_server != NULL, error);
    channel = ql_rpc_channel_new(
        &(const struct ql_rpc_channel_options){
            .service = "catalog", .address = address, .signer = keys.user, .max_in_flight = 16},
        error, sizeof(error));
    fixture_must(channel != NULL, error);
    app.parts.callees[0] = (struct ql_service_callee){"catalog", channel};
    return 0;
}

static inline int claim_events_tear_down(void **state)
{
    (void)state;
    ql_rpc_channel_free(channel);
    ql_rpc_server_stop(catalog_server);
    ql_verifier_free(catalog_verifier);
    test_user_stop();
    return 0;
}

#endif
