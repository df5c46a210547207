/* For the catalog's tests: the service's struct on a database of its own, and
 * the calls that most tests make. */
#ifndef QL_CATALOG_CATALOG_FIXTURE_H
#define QL_CATALOG_CATALOG_FIXTURE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform/pb/schema/output_only.h"
#include "questline/catalog/v1/server.h"
#include "questline/user/v1/names.h"
#include "services/catalog/catalog.h"
#include "services/testing/call.h"
#include "services/testing/database.h"

static struct test_database database;
static struct catalog app;

/* The service on the database, which there is. */
static inline int test_catalog_open(void)
{
    app.parts.pg = ql_pg_pool_new(&(const struct ql_pg_pool_options){
        .url = database.run_url, .application_name = "test-run", .max_connections = 4});
    app.reads.service = "catalog";
    app.reads.kinds = catalog_kinds;
    app.reads.n_kinds = CATALOG_KINDS;
    app.reads.pg =
        ql_pg_pool_new(&(const struct ql_pg_pool_options){.url = database.read_url,
                                                          .application_name = "test-read",
                                                          .max_connections = 4,
                                                          .read_only = true});
    return app.parts.pg == NULL || app.reads.pg == NULL ? 1 : 0;
}

static inline int test_catalog_start(void)
{
    test_database_new(&database, catalog_migrations());
    return test_catalog_open();
}

static inline void test_catalog_stop(void)
{
    ql_pg_pool_free(app.parts.pg);
    ql_pg_pool_free(app.reads.pg);
}

static inline enum ql_code test_create_reward(struct ql_call *call, CreateRewardResponse *ret_out)
{
    CreateRewardRequest in;
    Reward reward;

    CreateRewardRequest_init(&in);
    CreateRewardResponse_init(ret_out);
    Reward_init(&reward);
    reward.reward_name = (char *)"Ten diamonds";
    reward.reward_item = (char *)"diamond";
    reward.reward_qty = 10;
    in.reward = &reward;
    return test_rpc(call, RewardCommandService_CreateReward_method, &in, ret_out);
}

static inline void test_quest_init(Quest *quest, const char *reward_id)
{
    static const char *event_types[] = {EVENT_NEW_USER_SIGN_IN, EVENT_USER_SIGN_IN};

    Quest_init(quest);
    quest->reward_id = (char *)reward_id;
    quest->name = (char *)"Sign in \xc3\xa4 \"quoted\", {braced}";
    quest->description = (char *)"";
    quest->streak = 3;
    quest->duplication = 2;
    quest->auto_claim = 1;
    quest->event_types = (char **)event_types;
    quest->n_event_types = 2;
}

static inline enum ql_code test_create_quest(struct ql_call *call, Quest *quest,
                                             CreateQuestResponse *ret_out)
{
    CreateQuestRequest in;

    CreateQuestRequest_init(&in);
    CreateQuestResponse_init(ret_out);
    in.quest = quest;
    return test_rpc(call, QuestCommandService_CreateQuest_method, &in, ret_out);
}

/* What the server asks before the handler: does the request set what the service sets? */
static inline enum ql_code test_refuse_output(struct ql_call *call, const ProtobufCMessage *request)
{
    return ql_output_only_refuse(
        call, ql_schema_message(ql_schema_embedded(), request->descriptor->name), request);
}

static inline enum ql_code test_get_quest(struct ql_call *call, const char *quest_id,
                                          int64_t revision, GetQuestResponse *ret_out)
{
    GetQuestRequest in;

    GetQuestRequest_init(&in);
    GetQuestResponse_init(ret_out);
    in.quest_id = (char *)quest_id;
    in.revision = revision;
    return test_rpc(call, QuestQueryService_GetQuest_method, &in, ret_out);
}

#endif
