/* For tests of queries: memory, Redis and PostgreSQL, and a quest in them. */
#ifndef QL_CATALOG_QUERY_FIXTURE_H
#define QL_CATALOG_QUERY_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <pthread.h>

#include <cmocka.h>

#include "platform/readside/query.h"
#include "platform/base/clock.h"
#include "platform/redis/testing/server.h"
#include "platform/service/page.h"
#include "questline/catalog/v1/server.h"
#include "services/catalog/catalog_fixture.h"
#include "platform/readside/read_model.h"
#include "services/catalog/quest_kind.h"
#include "platform/resource/store.h"
#include "services/catalog/reward_kind.h"

#define CLAIM(test) cmocka_unit_test_setup_teardown(test, before_each, after_each)

static struct redis_server server;
static struct ql_call *call;
static char reward_id[QL_UUID_SIZE], quest_id[QL_UUID_SIZE];
static int64_t answered[4]; /* when a claim's look begins */
static const char *const places[] = {"memory", "redis", "postgres", "shared"};

static inline int start(void **state)
{
    int rc = test_catalog_start();

    (void)state;
    if (rc != 0)
        return rc;
    redis_server_start(&server);
    app.reads.redis = ql_redis_new(&(const struct ql_redis_options){.url = server.url});
    return app.reads.redis == NULL;
}

static inline int stop(void **state)
{
    (void)state;
    ql_redis_free(app.reads.redis);
    redis_server_end(&server);
    test_catalog_stop();
    return 0;
}

static inline void make_quest(void)
{
    CreateRewardResponse reward;
    CreateQuestResponse made;
    Quest quest;

    assert_int_equal(test_create_reward(call, &reward), QL_OK);
    snprintf(reward_id, sizeof(reward_id), "%s", reward.reward->reward_id);
    test_quest_init(&quest, reward_id);
    assert_int_equal(test_create_quest(call, &quest, &made), QL_OK);
    snprintf(quest_id, sizeof(quest_id), "%s", made.quest->quest_id);
}

/* Cold: a new quest, nothing in Redis, no cache, no results kept; Redis is synced. */
static inline int before_each(void **state)
{
    static const atomic_bool stops = false;
    struct ql_redis_reply reply;

    (void)state;
    call = test_call_new(&app);
    if (server.pid == 0)
        redis_server_start_again(&server);
    make_quest();
    for (int i = 0;
         ql_redis_run(call, app.reads.redis, &QL_REDIS_COMMAND("FLUSHALL"), &reply) != QL_OK; i++)
        assert_true(i < 100 && !ql_sleep_ms(50, &stops));
    ql_call_clear_status(call);
    atomic_store(&app.reads.redis_synced_as_of_ms, INT64_MAX / 2);
    return 0;
}

static inline int after_each(void **state)
{
    (void)state;
    for (int kind = 0; kind < CATALOG_KINDS; kind++) {
        ql_cache_free(app.reads.caches[kind]);
        app.reads.caches[kind] = NULL;
    }
    ql_singleflight_free(app.reads.loads);
    app.reads.loads = NULL;
    app.reads.publish_delay_ms = 0;
    test_call_freep(&call);
    return 0;
}

static inline void look(void)
{
    for (size_t i = 0; i < QL_ARRAY_LENGTH(places); i++)
        answered[i] = ql_read_side_answered_from(places[i]);
}

/* What the reads since the look were answered from. */
static inline void assert_answered(int memory, int redis, int postgres, int shared)
{
    assert_int_equal(ql_read_side_answered_from("memory") - answered[0], memory);
    assert_int_equal(ql_read_side_answered_from("redis") - answered[1], redis);
    assert_int_equal(ql_read_side_answered_from("postgres") - answered[2], postgres);
    assert_int_equal(ql_read_side_answered_from("shared") - answered[3], shared);
}

static inline enum ql_code read_quest(int64_t revision, int64_t *ret_revision)
{
    GetQuestResponse out;
    enum ql_code rc = test_get_quest(call, quest_id, revision, &out);

    *ret_revision = rc == QL_OK ? out.quest->revision : 0;
    if (rc == QL_OK) {
        assert_string_equal(out.quest->quest_id, quest_id);
        assert_string_equal(call->etag, out.quest->etag);
    }
    return rc;
}

static inline void assert_reads(int64_t revision)
{
    int64_t got;

    assert_int_equal(read_quest(0, &got), QL_OK);
    assert_int_equal(got, revision);
}

static inline void rename_quest(const char *name)
{
    UpdateQuestRequest in;
    UpdateQuestResponse out;
    Quest quest;

    UpdateQuestRequest_init(&in);
    UpdateQuestResponse_init(&out);
    Quest_init(&quest);
    quest.quest_id = quest_id;
    quest.name = (char *)(uintptr_t)name;
    in.quest = &quest;
    assert_int_equal(test_rpc(call, QuestCommandService_UpdateQuest_method, &in, &out), QL_OK);
}

static inline void put_into_redis(int64_t revision, const char *name)
{
    Quest quest;
    struct ql_resource_item item;
    uint8_t bytes[256];

    Quest_init(&quest);
    quest.quest_id = quest_id;
    quest.name = (char *)(uintptr_t)name;
    quest.revision = revision;
    assert_int_equal(
        ql_resource_item_decode(call, &quest_kind, bytes, Quest_pack(&quest, bytes), &item), QL_OK);
    assert_int_equal(ql_read_model_put(call, &app.reads, CATALOG_QUESTS, &item, 1), QL_OK);
}

#endif
