/* Random rounds of two followers that are stopped anywhere, of a database that changes, and of a
 * Redis that is set back and flushed. After every step each entry of every board shows a value
 * that it had at some moment from `applied` on; when everything comes to rest the boards are
 * what the database has. */
#include "services/evaluation/boards/board_pass.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>

#include "platform/redis/testing/server.h"
#include "services/evaluation/app/evaluation.h"
#include "services/testing/call.h"
#include "services/testing/database.h"

enum {
    ROUNDS = 20,
    ROUNDS_LONG = 60,
    STEPS = 120,
    FOLLOWERS = 2,
    USERS = 4,
    BOARDS = 2,
    ENTRIES = USERS * BOARDS,
    CHANGES_MAX = 4 * STEPS,
    SAVES_MAX = 16,
    KEYS_MAX = 8,
    REST_STEPS_MAX = 2000,
    ABSENT = -1,
    FIRST_MS = 1000000,
};

static const struct board boards[BOARDS] = {{"overall", BOARD_ALL_TIME}, {"overall", "2026-W48"}};

/* What the database has had: values of entries, by the change that brought them. */
static struct {
    int64_t seq;
    int entry, value;
} history[CHANGES_MAX];
static int n_history;
static bool is_week_final;

/* Redis as it was, oldest first. */
static struct {
    int n_keys;
    struct {
        char *key, *dump;
        size_t key_length, dump_length;
    } keys[KEYS_MAX];
} saves[SAVES_MAX];
static int n_saves;

/* A follower's thread goes one step further when the round lets it. */
static struct follower {
    pthread_t thread;
    sem_t may_go, has_stopped;
    struct board_pass pass;
    struct ql_call *call;
    bool is_at_rest; /* between two passes */
    enum ql_code rc; /* of the last one */
} followers[FOLLOWERS];
static _Thread_local struct follower *own;
static atomic_bool is_over;

static struct redis_server server;
static struct ql_redis *redis;
static struct ql_pg_pool *pg;
static struct test_database database;
static struct ql_call *call;
static uint64_t seed = 4711;

static int pick(int below)
{
    seed ^= seed >> 12;
    seed ^= seed << 25;
    seed ^= seed >> 27;
    return (int)((seed * 2685821657736338717ULL >> 33) % (uint64_t)below);
}

/* The calling follower stops here until the round lets it go on. */
static void stop_here(void)
{
    if (own == NULL || is_over)
        return;
    sem_post(&own->has_stopped);
    while (sem_wait(&own->may_go) != 0) {
    }
}

/* The linker puts these in the position of what a pass calls. */
#define STOPPING(name, parameters, ...)                                                            \
    enum ql_code __real_##name parameters;                                                         \
    enum ql_code __wrap_##name parameters;                                                         \
    enum ql_code __wrap_##name parameters                                                          \
    {                                                                                              \
        stop_here();                                                                               \
        return __real_##name(__VA_ARGS__);                                                         \
    }

STOPPING(board_write_begin,
         (struct ql_call * c, struct ql_redis *r, const char *epoch, bool is_rebuild,
          struct board_writer *writer),
         c, r, epoch, is_rebuild, writer)
STOPPING(board_write_apply,
         (struct ql_call * c, struct ql_redis *r, struct board_writer *writer,
          const struct board_change *changes, size_t n, const int64_t *applied),
         c, r, writer, changes, n, applied)
STOPPING(board_write_forget,
         (struct ql_call * c, struct ql_redis *r, struct board_writer *writer, const char *period),
         c, r, writer, period)
STOPPING(board_write_state, (struct ql_call * c, struct ql_redis *r, struct board_state *state), c,
         r, state)
STOPPING(change_store_snapshot,
         (struct ql_call * c, struct ql_pg_pool *pool, struct ql_pg_tx **tx,
          struct change_look *look),
         c, pool, tx, look)

static void *follower_thread(void *argument)
{
    own = argument;
    for (;;) {
        struct change_look look;

        own->is_at_rest = true;
        stop_here();
        own->is_at_rest = false;
        if (is_over)
            return NULL;
        ql_arena_reset(own->call->arena);
        ql_call_init(own->call, own->call->arena, "follower", 600000);
        own->rc = change_store_look(own->call, pg, &look);
        if (own->rc != QL_OK)
            continue;
        stop_here();
        own->rc = board_pass_run(own->call, &own->pass, &look);
    }
}

static void step_follower(struct follower *follower)
{
    sem_post(&follower->may_go);
    while (sem_wait(&follower->has_stopped) != 0) {
    }
}

static void start_step(void)
{
    ql_arena_reset(call->arena);
    ql_call_init(call, call->arena, "round", 600000);
}

static struct ql_redis_reply redis_do(const struct ql_redis_command *command)
{
    struct ql_redis_reply reply;

    assert_int_equal(ql_redis_run(call, redis, command, &reply), QL_OK);
    return reply;
}

static void user_of(int entry, char ret_id[QL_UUID_SIZE])
{
    snprintf(ret_id, QL_UUID_SIZE, "0192f0c1-0000-7000-8000-%012d", entry % USERS);
}

static const struct board *board_of(int entry)
{
    return &boards[entry / USERS];
}

static void note(int64_t seq, int entry, int value)
{
    assert_true(n_history < CHANGES_MAX);
    history[n_history].seq = seq;
    history[n_history].entry = entry;
    history[n_history++].value = value;
}

static void set_entry(int entry, int value)
{
    char id[QL_UUID_SIZE];
    int64_t seq;

    user_of(entry, id);
    seq = test_sql(&database,
                   "INSERT INTO board_scores VALUES ('%s', '%s', '%s', %d, "
                   "to_timestamp(%d / 1000.0), %s, nextval('board_change_seq')) "
                   "ON CONFLICT (board, period, user_id) DO UPDATE SET millipoints = "
                   "excluded.millipoints, reached_at = excluded.reached_at, is_listed = "
                   "excluded.is_listed, change_seq = excluded.change_seq RETURNING change_seq",
                   board_of(entry)->name, board_of(entry)->period, id, value < 0 ? 0 : value,
                   FIRST_MS + value, value < 0 ? "false" : "true");
    note(seq, entry, value);
}

/* Somebody gets points, loses some, reaches them at another time, leaves, or comes back. */
static void change_entry(void)
{
    set_entry(pick(is_week_final ? USERS : ENTRIES), pick(4) == 0 ? ABSENT : pick(100));
}

/* Entries of the week leave, by one change. */
static void finish_week(void)
{
    int64_t seq;

    if (is_week_final)
        return;
    is_week_final = true;
    seq = test_sql(&database,
                   "WITH gone AS (DELETE FROM board_scores WHERE period = '%s') "
                   "INSERT INTO weeks (week, expected, state, final_seq) VALUES "
                   "('%s', 0, 'FINAL', nextval('board_change_seq')) RETURNING final_seq",
                   boards[1].period, boards[1].period);
    for (int entry = USERS; entry < ENTRIES; entry++)
        note(seq, entry, ABSENT);
}

static void drop_save(int at)
{
    for (int i = 0; i < saves[at].n_keys; i++) {
        free(saves[at].keys[i].key);
        free(saves[at].keys[i].dump);
    }
    n_saves--;
    memmove(&saves[at], &saves[at + 1], (size_t)(n_saves - at) * sizeof(saves[0]));
}

static void drop_saves_from(int first)
{
    while (n_saves > first)
        drop_save(n_saves - 1);
}

/* What is there now, as the append-only file would bring it back. */
static void save_redis(void)
{
    struct ql_redis_reply keys = redis_do(&QL_REDIS_COMMAND("KEYS", "*"));

    if (n_saves == SAVES_MAX)
        drop_save(0);
    assert_true(keys.n_elements <= KEYS_MAX);
    saves[n_saves].n_keys = (int)keys.n_elements;
    for (size_t i = 0; i < keys.n_elements; i++) {
        struct ql_redis_reply dump = redis_do(&QL_REDIS_COMMAND("DUMP", keys.elements[i].text));

        saves[n_saves].keys[i].key_length = keys.elements[i].length;
        saves[n_saves].keys[i].key = strdup(keys.elements[i].text);
        saves[n_saves].keys[i].dump_length = dump.length;
        saves[n_saves].keys[i].dump = malloc(dump.length);
        assert_non_null(saves[n_saves].keys[i].key);
        assert_non_null(saves[n_saves].keys[i].dump);
        memcpy(saves[n_saves].keys[i].dump, dump.text, dump.length);
    }
    n_saves++;
}

static void set_redis_back(void)
{
    int at;

    if (n_saves == 0)
        return;
    at = pick(2) == 0 ? pick(n_saves) : n_saves - 1 - pick(n_saves < 3 ? n_saves : 3);
    (void)redis_do(&QL_REDIS_COMMAND("FLUSHALL"));
    for (int i = 0; i < saves[at].n_keys; i++) {
        const char *arguments[] = {"RESTORE", saves[at].keys[i].key, "0", saves[at].keys[i].dump};
        const size_t lengths[] = {strlen("RESTORE"), saves[at].keys[i].key_length, 1,
                                  saves[at].keys[i].dump_length};

        (void)redis_do(&(const struct ql_redis_command){
            .arguments = arguments, .lengths = lengths, .n_arguments = QL_ARRAY_LENGTH(arguments)});
    }
    drop_saves_from(at + 1);
}

static void read_epoch(char ret_epoch[QL_UUID_SIZE])
{
    struct change_look look = {0};

    assert_int_equal(change_store_look(call, pg, &look), QL_OK);
    snprintf(ret_epoch, QL_UUID_SIZE, "%s", look.epoch);
}

static int read_value(int entry)
{
    const struct board *board = board_of(entry);
    const char *z =
        ql_arena_printf(call->arena, BOARD_KEY_PREFIX "%s:%s:z", board->name, board->period);
    struct ql_redis_reply reply;
    struct board_position position = {.millipoints = 0};

    /* Members are found by their user: a second one of a user would be found too. */
    int value = ABSENT, n_found = 0;
    char id[QL_UUID_SIZE];

    user_of(entry, id);
    reply = redis_do(&QL_REDIS_COMMAND("ZRANGE", z, "0", "-1", "WITHSCORES"));
    for (size_t i = 0; i + 1 < reply.n_elements; i += 2) {
        board_member_read((const unsigned char *)reply.elements[i].text, &position);
        if (strcmp(position.user_id, id) != 0)
            continue;
        n_found++;
        value = (int)-strtol(reply.elements[i + 1].text, NULL, 10);
        assert_int_equal(position.reached_ms, FIRST_MS + value);
    }
    assert_true(n_found <= 1);
    return value;
}

static bool had_value(int entry, int value, int64_t from_seq)
{
    int last = ABSENT;

    for (int i = 0; i < n_history; i++) {
        if (history[i].entry != entry)
            continue;
        if (history[i].seq <= from_seq)
            last = history[i].value;
        else if (history[i].value == value)
            return true;
    }
    return last == value;
}

/* Every entry that a read would show has a value of some moment from `applied` on. */
static void check_boards(bool is_exact)
{
    struct board_state state;
    char epoch[QL_UUID_SIZE];
    int64_t applied;

    start_step();
    read_epoch(epoch);
    assert_int_equal(__real_board_write_state(call, redis, &state), QL_OK);
    if (strcmp(state.epoch, epoch) != 0 || state.applied[0] == '\0') {
        assert_false(is_exact);
        return;
    }
    applied = is_exact ? INT64_MAX : strtoll(state.applied, NULL, 10);
    for (int entry = 0; entry < ENTRIES; entry++) {
        int value = read_value(entry);

        if (!had_value(entry, value, applied))
            fail_msg("entry %d shows %d, applied %s", entry, value, state.applied);
    }
}

static void purge_followed(void)
{
    struct board_state state;
    bool has_more;

    assert_int_equal(__real_board_write_state(call, redis, &state), QL_OK);
    if (state.applied[0] != '\0')
        assert_int_equal(change_store_purge(call, pg, strtoll(state.applied, NULL, 10), &has_more),
                         QL_OK);
}

/* A follower goes on, and often that is what the file has when Redis comes back. */
static void step_and_save(struct follower *follower)
{
    step_follower(follower);
    if (pick(3) == 0)
        save_redis();
}

static void round_step(void)
{
    int what = pick(100);

    start_step();
    if (what < 42)
        step_and_save(&followers[0]);
    else if (what < 64)
        step_and_save(&followers[1]);
    else if (what < 84)
        change_entry();
    else if (what < 92)
        set_redis_back();
    else if (what < 93)
        (void)redis_do(&QL_REDIS_COMMAND("FLUSHALL"));
    else if (what < 97)
        purge_followed();
    else if (what < 98)
        (void)test_sql(&database, "UPDATE board_epoch SET epoch = gen_random_uuid() RETURNING 1");
    else
        finish_week();
    check_boards(false);
}

/* One follower after the other goes on until it is between two passes, the first then once more
 * to what the database has. */
static void come_to_rest(void)
{
    int n_steps = 0, n_passes = 0;

    for (int i = FOLLOWERS - 1; i >= 0; i--)
        while (!followers[i].is_at_rest) {
            step_follower(&followers[i]);
            assert_true(n_steps++ < REST_STEPS_MAX);
        }
    while (n_passes < 3 || followers[0].rc != QL_OK) {
        step_follower(&followers[0]);
        n_passes += followers[0].is_at_rest;
        assert_true(n_steps++ < REST_STEPS_MAX);
    }
    check_boards(true);
}

static void begin_round(void)
{
    start_step();
    (void)test_sql(&database, "WITH a AS (DELETE FROM board_scores), b AS (DELETE FROM weeks) "
                              "UPDATE board_epoch SET epoch = gen_random_uuid() RETURNING 1");
    (void)redis_do(&QL_REDIS_COMMAND("FLUSHALL"));
    n_history = 0;
    drop_saves_from(0);
    is_week_final = false;
}

static void test_boards_show_what_was_true_wherever_followers_and_redis_stop(void **state)
{
    const char *is_long = getenv("QL_LONG");
    int n_rounds = is_long != NULL && strcmp(is_long, "1") == 0 ? ROUNDS_LONG : ROUNDS;

    (void)state;
    for (int round = 0; round < n_rounds; round++) {
        begin_round();
        for (int i = 0; i < STEPS; i++)
            round_step();
        come_to_rest();
    }
}

static void run_to_rest(void)
{
    start_step();
    come_to_rest();
}

/* As after a restore of the database from a backup: Redis knows of changes that never were. */
static void test_boards_ahead_of_the_database_are_filled_anew(void **state)
{
    int64_t n_rebuilds;

    (void)state;
    begin_round();
    change_entry();
    run_to_rest();
    n_rebuilds = followers[0].pass.n_rebuilds;
    (void)redis_do(&QL_REDIS_COMMAND("HSET", BOARD_STATE_KEY, "applied", "1000000000000000"));
    run_to_rest();
    assert_int_equal(followers[0].pass.n_rebuilds, n_rebuilds + 1);
}

/* Who left is in no row any more, so that Redis cannot learn of it by following. */
static void test_redis_set_back_behind_a_purge_is_filled_anew(void **state)
{
    int64_t n_rebuilds;

    (void)state;
    begin_round();
    set_entry(0, 5);
    set_entry(1, 6);
    run_to_rest();
    save_redis();
    set_entry(0, ABSENT);
    run_to_rest();
    purge_followed();
    assert_int_equal(test_sql(&database, "SELECT count(*) FROM board_scores"), 1);
    n_rebuilds = followers[0].pass.n_rebuilds;
    set_redis_back();
    run_to_rest();
    assert_int_equal(followers[0].pass.n_rebuilds, n_rebuilds + 1);
}

static void test_pass_without_changes_writes_nothing(void **state)
{
    struct board_state before, after;

    (void)state;
    begin_round();
    change_entry();
    run_to_rest();
    assert_int_equal(__real_board_write_state(call, redis, &before), QL_OK);
    change_entry();
    run_to_rest();
    assert_int_equal(__real_board_write_state(call, redis, &after), QL_OK);
    /* A small pass goes on under the writer of the one before. */
    assert_string_equal(before.writer, after.writer);
    assert_string_not_equal(before.applied, after.applied);
}

static int start(void **state)
{
    (void)state;
    if (!redis_server_is_installed())
        return TEST_SKIPPED;
    test_database_new(&database, evaluation_migrations());
    redis_server_start(&server);
    redis = ql_redis_new(&(const struct ql_redis_options){.url = server.url, .max_wait_ms = 20000});
    pg = ql_pg_pool_new(&(const struct ql_pg_pool_options){
        .url = database.run_url, .application_name = "board_pass_test", .max_connections = 4});
    call = test_call_new(NULL);
    assert_non_null(redis);
    assert_non_null(pg);
    for (int i = 0; i < FOLLOWERS; i++) {
        followers[i].pass = (struct board_pass){.pg = pg, .redis = redis, .n_changes_max = 1 + i};
        followers[i].call = test_call_new(NULL);
        sem_init(&followers[i].may_go, 0, 0);
        sem_init(&followers[i].has_stopped, 0, 0);
        assert_int_equal(pthread_create(&followers[i].thread, NULL, follower_thread, &followers[i]),
                         0);
        while (sem_wait(&followers[i].has_stopped) != 0) {
        }
    }
    return 0;
}

static int stop(void **state)
{
    (void)state;
    is_over = true;
    for (int i = 0; i < FOLLOWERS; i++) {
        sem_post(&followers[i].may_go);
        pthread_join(followers[i].thread, NULL);
        test_call_freep(&followers[i].call);
    }
    drop_saves_from(0);
    test_call_freep(&call);
    ql_pg_pool_free(pg);
    ql_redis_free(redis);
    redis_server_end(&server);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pass_without_changes_writes_nothing),
        cmocka_unit_test(test_redis_set_back_behind_a_purge_is_filled_anew),
        cmocka_unit_test(test_boards_ahead_of_the_database_are_filled_anew),
        cmocka_unit_test(test_boards_show_what_was_true_wherever_followers_and_redis_stop),
    };

    return cmocka_run_group_tests(tests, start, stop);
}
