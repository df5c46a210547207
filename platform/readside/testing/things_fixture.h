/* For tests of reads: a small kind of resource, things, and a kind of snapshots about them,
 * when a thing was used last; in a database of the test's own and in a Redis. Messages of
 * the contract stand for both: of a thing only the id, the name and the description, which is
 * its category, are used.
 *
 * The body of the event that publishes a snapshot is a message with an id, a number and a
 * time. An answer of the two side by side is one with both. */
#ifndef QL_READSIDE_TESTING_THINGS_FIXTURE_H
#define QL_READSIDE_TESTING_THINGS_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "platform/base/clock.h"
#include "platform/pg/test_database.h"
#include "platform/readside/read_side.h"
#include "platform/redis/testing/server.h"
#include "platform/service/service.h"
#include "questline/catalog/v1/names.h"

#define THING   "0192d3a4-0000-7000-8000-0000000000a1"
#define OTHER   "0192d3a4-0000-7000-8000-0000000000b2"
#define MISSING "0192d3a4-0000-7000-8000-0000000000c3"

typedef Quest Thing;
typedef CheckQuestRequest ThingAndUse;

enum { THINGS, USES, KINDS, CATEGORY_FIELD = 4 };

#define THING_ROW                                                                                  \
    "SELECT to_json(thing) FROM (SELECT thing_id AS quest_id, name, category AS description, "     \
    "revision, revised_at, archived FROM things"

static const struct ql_pg_statement thing_get = {"thing_get",
                                                 THING_ROW " WHERE thing_id = $1) AS thing"};
static const struct ql_pg_statement thing_list = {
    "thing_list", THING_ROW " WHERE thing_id > $1::uuid ORDER BY thing_id LIMIT $2::int) AS thing"};
static const struct ql_pg_statement thing_list_open = {
    "thing_list_open", THING_ROW " WHERE thing_id > $1::uuid AND (NOT archived OR "
                                 "revised_at > to_timestamp($3::bigint / 1000.0))"
                                 " ORDER BY thing_id LIMIT $2::int) AS thing"};
static const struct ql_pg_statement thing_list_matching = {
    "thing_list_matching", THING_ROW
    " WHERE thing_id > $1::uuid AND category = $4::jsonb ->> 'description' AND (NOT archived OR "
    "$3::bigint = 0) AND $5::bigint > 0 ORDER BY thing_id LIMIT $2::int) AS thing"};
static const struct ql_pg_statement use_get = {
    "use_get", "SELECT thing_id, number, to_json(used_at) FROM uses WHERE thing_id = $1"};
static const struct ql_pg_statement use_list = {
    "use_list", "SELECT thing_id, number, to_json(used_at) FROM uses WHERE thing_id > $1::uuid "
                "ORDER BY thing_id LIMIT $2::int"};

/* By the first label that the request has. */
static inline enum ql_code thing_read_filter(struct ql_call *call, const void *request,
                                             void *ret_filter, bool *ret_has_filter)
{
    const ListQuestsRequest *list = request;
    Thing *filter = ret_filter;

    (void)call;
    *ret_has_filter = list->n_label > 0;
    if (*ret_has_filter)
        filter->description = list->label[0];
    return QL_OK;
}

static inline bool thing_matches_filter(const void *filter, const void *resource)
{
    return strcmp(((const Thing *)filter)->description, ((const Thing *)resource)->description) ==
           0;
}

static inline bool thing_matches_encoded(const void *filter, const void *bytes, size_t length)
{
    return ql_resource_item_has_text(bytes, length, CATEGORY_FIELD,
                                     ((const Thing *)filter)->description);
}

static const struct ql_resource_kind thing_kind = {
    .name = "thing",
    .not_found_reason = "THING_NOT_FOUND",
    .archived_reason = "THING_ARCHIVED",
    .type = &Quest_descriptor,
    .changed = &QuestChanged_descriptor,
    .event_type = EVENT_QUEST_CHANGED,
    .statements = {.get = &thing_get,
                   .list = &thing_list,
                   .list_open = &thing_list_open,
                   .list_matching = &thing_list_matching},
    .read_filter = thing_read_filter,
    .matches_filter = thing_matches_filter,
    .matches_encoded = thing_matches_encoded,
};

static const struct ql_snapshot_kind use_kind = {
    .name = "use",
    .event_type = "ThingUsed",
    .type = &google__protobuf__timestamp__descriptor,
    .body = &Quest_descriptor,
    .id_field = "quest_id",
    .number_field = "revision",
    .snapshot_field = "revised_at",
    .statements = {.get = &use_get, .list = &use_list},
};

static const struct ql_read_kind kinds[KINDS] = {
    [THINGS] = {.resource = &thing_kind},
    [USES] = {.snapshot = &use_kind},
};

static struct redis_server server;
static struct ql_service_parts parts; /* of a service: page tokens need it */
static struct ql_arena *arena;
static struct ql_call call;
static struct ql_read_side side;

static inline int things_start(void **state)
{
    (void)state;
    ql_pg_test_exec("CREATE TABLE things (thing_id uuid PRIMARY KEY, name text, category text, "
                    "revision bigint, revised_at timestamptz, archived bool);"
                    "CREATE TABLE uses (thing_id uuid PRIMARY KEY, number bigint, "
                    "used_at timestamptz)");
    redis_server_start(&server);
    return 0;
}

static inline int things_stop(void **state)
{
    (void)state;
    redis_server_end(&server);
    return 0;
}

/* A client that waits for a Redis that has little time. */
static inline void renew_redis(void)
{
    ql_redis_free(side.redis);
    side.redis =
        ql_redis_new(&(const struct ql_redis_options){.url = server.url, .max_wait_ms = 20000});
    assert_non_null(side.redis);
}

/* An empty read side, whose Redis is synced. */
static inline int things_setup(void **state)
{
    struct ql_redis_reply reply;

    (void)state;
    ql_pg_test_exec("TRUNCATE things, uses");
    arena = ql_arena_new(16 << 20);
    assert_non_null(arena);
    ql_call_init(&call, arena, "test", 30000);
    call.app = &parts;
    call.identity.role = QL_ROLE_USER;
    memset(&side, 0, sizeof(side));
    assert_int_equal(ql_read_side_open(&call, &side,
                                       &(const struct ql_read_side_options){
                                           .service = "shop",
                                           .kinds = kinds,
                                           .n_kinds = KINDS,
                                           .pg_url = ql_pg_test_url(),
                                           .cache_max = 1000,
                                       }),
                     QL_OK);
    renew_redis();
    assert_int_equal(ql_redis_run(&call, side.redis, &QL_REDIS_COMMAND("FLUSHALL"), &reply), QL_OK);
    atomic_store(&side.redis_synced_as_of_ms, INT64_MAX / 2);
    atomic_store(&side.redis_snapshots_as_of_ms, INT64_MAX / 2);
    return 0;
}

static inline int things_teardown(void **state)
{
    struct ql_redis *redis = side.redis;

    (void)state;
    ql_read_side_close(&side);
    ql_redis_free(redis);
    ql_arena_free(arena);
    return 0;
}

/* Results of loads are no longer shared. */
static inline void forget_loads(void)
{
    ql_singleflight_free(side.loads);
    side.loads = ql_singleflight_new(16, QL_SINGLEFLIGHT_FRESH_MS);
    assert_non_null(side.loads);
}

/* A thing in the table, made long ago. */
static inline void make_thing(const char *id, const char *category)
{
    char sql[256];

    snprintf(sql, sizeof(sql),
             "INSERT INTO things VALUES ('%s', 'a thing', '%s', 3, now() - interval '1 hour', "
             "false)",
             id, category);
    ql_pg_test_exec(sql);
}

static inline void make_use(const char *id, int number)
{
    char sql[192];

    snprintf(sql, sizeof(sql), "INSERT INTO uses VALUES ('%s', %d, to_timestamp(%d))", id, number,
             number * 10);
    ql_pg_test_exec(sql);
}

/* The event that a thing was used, as another service publishes it; number 0: none. */
static inline struct ql_event use_event(const char *id, int64_t number)
{
    Google__Protobuf__Timestamp used_at = GOOGLE__PROTOBUF__TIMESTAMP__INIT;
    struct ql_event event = {.type = use_kind.event_type};
    Quest body;

    Quest_init(&body);
    body.quest_id = (char *)(uintptr_t)id;
    body.revision = number;
    used_at.seconds = number * 10;
    body.revised_at = number == 0 ? NULL : &used_at;
    event.body_length = Quest_pack_size(&body);
    event.body = ql_arena_alloc(arena, event.body_length + 1);
    Quest_pack(&body, (uint8_t *)(uintptr_t)event.body);
    return event;
}

#endif
