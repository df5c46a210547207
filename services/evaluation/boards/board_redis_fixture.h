/* For tests of boards: a Redis of the test's own, and boards in it. */
#ifndef QL_EVALUATION_BOARD_REDIS_FIXTURE_H
#define QL_EVALUATION_BOARD_REDIS_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "platform/redis/testing/server.h"
#include "services/evaluation/boards/board_read.h"
#include "services/evaluation/boards/board_write.h"

#define TEST_EPOCH "0192f0c1-0000-7000-8000-000000000001"

static struct redis_server server;
static struct ql_redis *redis;
static struct ql_arena *arena;
static struct ql_call call;

/* A fresh call of the test. */
static inline void start_call(void)
{
    ql_arena_reset(arena);
    ql_call_init(&call, arena, "board_test", 60000);
}

static inline int start_redis(void **state)
{
    (void)state;
    if (!redis_server_is_installed())
        return 77;
    redis_server_start(&server);
    redis = ql_redis_new(&(const struct ql_redis_options){.url = server.url, .max_wait_ms = 20000});
    arena = ql_arena_new(64 << 20);
    assert_non_null(redis);
    assert_non_null(arena);
    return 0;
}

static inline int stop_redis(void **state)
{
    (void)state;
    ql_redis_free(redis);
    ql_arena_free(arena);
    redis_server_end(&server);
    return 0;
}

static inline struct ql_redis_reply redis_do(const struct ql_redis_command *command)
{
    struct ql_redis_reply reply;

    assert_int_equal(ql_redis_run(&call, redis, command, &reply), QL_OK);
    return reply;
}

static inline int empty_redis(void **state)
{
    (void)state;
    start_call();
    (void)redis_do(&QL_REDIS_COMMAND("FLUSHALL"));
    return 0;
}

/* Writes entries as one pass that ends with this change number. */
static inline void apply_all(const struct board_change *changes, size_t n, int64_t applied)
{
    struct board_writer writer;
    size_t n_now;

    assert_int_equal(board_write_begin(&call, redis, TEST_EPOCH, false, &writer), QL_OK);
    for (size_t i = 0; i < n || i == 0; i += n_now) {
        bool is_last = n - i <= BOARD_CHANGES_MAX;

        n_now = is_last ? n - i : BOARD_CHANGES_MAX;
        start_call();
        assert_int_equal(
            board_write_apply(&call, redis, &writer, &changes[i], n_now, is_last ? &applied : NULL),
            QL_OK);
        if (is_last)
            break;
    }
}

#endif
