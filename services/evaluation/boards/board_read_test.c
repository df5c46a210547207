/* Reads of boards in Redis, compared with a sorted array. */
#include "services/evaluation/boards/board_redis_fixture.h"

#include <stdio.h>

enum { USERS = 100000, PAGE = 200, MUST = 7 };

static const struct board board = {.name = "overall", .period = BOARD_ALL_TIME};
static const struct board_guard guard = {.epoch = TEST_EPOCH, .must = MUST};
static struct board_change *changes;
static struct board_position *sorted; /* the same, in the order of the board */
static uint64_t seed = 20261201;

/* xorshift64*: the same numbers in every run. */
static uint64_t next_random(uint64_t below)
{
    seed ^= seed >> 12;
    seed ^= seed << 25;
    seed ^= seed >> 27;
    return (seed * 2685821657736338717ULL >> 11) % below;
}

static int compare_positions(const void *a, const void *b)
{
    const struct board_position *one = a, *other = b;

    if (one->millipoints != other->millipoints)
        return one->millipoints > other->millipoints ? -1 : 1;
    if (one->reached_ms != other->reached_ms)
        return one->reached_ms < other->reached_ms ? -1 : 1;
    return strcmp(one->user_id, other->user_id);
}

/* Few points and times, so that many are alike; the greatest and the least among them. */
static void make_user(struct board_position *position)
{
    static const int32_t rare_points[] = {0, 1, INT32_MAX - 1, INT32_MAX};
    static const int64_t rare_times[] = {0, 255, 256, INT64_C(1) << 32, INT64_MAX};
    unsigned char bytes[QL_UUID_BYTES];

    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (unsigned char)next_random(256);
    ql_uuid_from_bytes(position->user_id, bytes);
    position->millipoints = next_random(10) == 0
                                ? rare_points[next_random(QL_ARRAY_LENGTH(rare_points))]
                                : (int32_t)next_random(500) * 1000;
    position->reached_ms = next_random(10) == 0
                               ? rare_times[next_random(QL_ARRAY_LENGTH(rare_times))]
                               : 1764000000000 + (int64_t)next_random(40);
}

static int fill_board(void **state)
{
    int rc = start_redis(state);

    if (rc != 0)
        return rc;
    changes = calloc(USERS, sizeof(*changes));
    sorted = calloc(USERS, sizeof(*sorted));
    assert_non_null(changes);
    assert_non_null(sorted);
    for (size_t i = 0; i < USERS; i++) {
        changes[i] = (struct board_change){.board = board, .is_listed = true};
        make_user(&changes[i].position);
        sorted[i] = changes[i].position;
    }
    qsort(sorted, USERS, sizeof(*sorted), compare_positions);
    start_call();
    apply_all(changes, USERS, MUST);
    return 0;
}

static int drop_board(void **state)
{
    free(changes);
    free(sorted);
    return stop_redis(state);
}

/* How many have more points. */
static int32_t count_better(int32_t millipoints)
{
    size_t low = 0, high = USERS;

    while (low < high) {
        size_t middle = (low + high) / 2;

        if (sorted[middle].millipoints > millipoints)
            low = middle + 1;
        else
            high = middle;
    }
    return (int32_t)low;
}

static void assert_window(const struct board_window *window, size_t first, size_t n)
{
    assert_int_equal(window->applied, MUST);
    assert_int_equal(window->total, USERS);
    assert_int_equal(window->first, first);
    assert_int_equal(window->n_entries, n);
    for (size_t i = 0; i < n; i++) {
        const struct board_entry *entry = &window->entries[i];

        assert_int_equal(compare_positions(&entry->position, &sorted[first + i]), 0);
        assert_int_equal(entry->rank, first + i + 1);
        assert_int_equal(entry->shared_rank, 1 + count_better(entry->position.millipoints));
    }
}

static void test_pages_by_last_entry_are_the_sorted_array(void **state)
{
    struct board_position after;
    struct board_window window;

    (void)state;
    for (size_t first = 0; first < USERS; first += PAGE) {
        start_call();
        assert_int_equal(board_read_page(&call, redis, &guard, &board, first == 0 ? NULL : &after,
                                         0, PAGE, &window),
                         QL_OK);
        assert_window(&window, first, PAGE);
        after = window.entries[window.n_entries - 1].position;
    }
    start_call();
    assert_int_equal(board_read_page(&call, redis, &guard, &board, &after, 0, PAGE, &window),
                     QL_OK);
    assert_window(&window, USERS, 0);
}

static void test_page_begins_at_any_rank(void **state)
{
    struct board_window window;

    (void)state;
    for (int i = 0; i < 300; i++) {
        size_t first = next_random(USERS + 10), limit = 1 + next_random(PAGE);
        size_t left = first < USERS ? USERS - first : 0;

        start_call();
        assert_int_equal(board_read_page(&call, redis, &guard, &board, NULL, (int32_t)first,
                                         (int)limit, &window),
                         QL_OK);
        assert_window(&window, first, left < limit ? left : limit);
    }
}

/* The position behind which a page begins need not be on the board: it is left or moved. */
static void test_page_begins_behind_a_position_that_nobody_has(void **state)
{
    struct board_window window;

    (void)state;
    for (int i = 0; i < 300; i++) {
        struct board_position after;
        size_t low = 0, high = USERS;

        make_user(&after);
        while (low < high) {
            size_t middle = (low + high) / 2;

            if (compare_positions(&sorted[middle], &after) <= 0)
                low = middle + 1;
            else
                high = middle;
        }
        start_call();
        assert_int_equal(board_read_page(&call, redis, &guard, &board, &after, 0, 10, &window),
                         QL_OK);
        assert_window(&window, low, USERS - low < 10 ? USERS - low : 10);
    }
}

static void test_window_holds_the_user_and_is_moved_inward(void **state)
{
    struct board_window window;

    (void)state;
    for (int i = 0; i < 600; i++) {
        size_t around = next_random(BOARD_AROUND_MAX + 1), size = 2 * around + 1;
        /* A third of them near each end. */
        size_t position = i % 3 == 0   ? next_random(60)
                          : i % 3 == 1 ? USERS - 1 - next_random(60)
                                       : next_random(USERS);
        size_t first = position < around ? 0 : position - around;

        if (first + size > USERS)
            first = USERS - size;
        start_call();
        assert_int_equal(board_read_around(&call, redis, &guard, &board, sorted[position].user_id,
                                           (int)around, &window),
                         QL_OK);
        assert_window(&window, first, size);
        assert_int_equal(first + window.own, position);
    }
}

static void test_window_of_a_short_board_is_the_board(void **state)
{
    const struct board other = {.name = "category.redis", .period = "2026-W49"};
    struct board_change three[3];
    struct board_window window;

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        three[i] = changes[i];
        three[i].board = other;
    }
    apply_all(three, 3, MUST);
    for (size_t i = 0; i < 3; i++) {
        start_call();
        assert_int_equal(
            board_read_around(&call, redis, &guard, &other, three[i].position.user_id, 5, &window),
            QL_OK);
        assert_int_equal(window.n_entries, 3);
        assert_string_equal(window.entries[window.own].position.user_id, three[i].position.user_id);
    }
    start_call();
    assert_int_equal(board_read_around(&call, redis, &guard, &other, TEST_EPOCH, 5, &window),
                     QL_NOT_FOUND);
    assert_string_equal(call.status.reason, "NOT_RANKED");
}

static void test_totals_are_of_each_board(void **state)
{
    const char *const names[] = {"category.none", "overall"};
    int32_t totals[2];

    (void)state;
    start_call();
    assert_int_equal(board_read_totals(&call, redis, &guard, names, 2, totals), QL_OK);
    assert_int_equal(totals[0], 0);
    assert_int_equal(totals[1], USERS);
}

static void test_position_survives_a_text(void **state)
{
    struct board_position position;
    char text[BOARD_POSITION_TEXT_SIZE];

    (void)state;
    for (size_t i = 0; i < 1000; i++) {
        board_position_print(&changes[i].position, text);
        assert_true(board_position_parse(text, &position));
        assert_int_equal(compare_positions(&position, &changes[i].position), 0);
    }
    assert_false(board_position_parse("", &position));
    assert_false(board_position_parse("1 2", &position));
    assert_false(board_position_parse("1 2 3", &position));
    assert_false(board_position_parse("1 -2 " TEST_EPOCH, &position));
    assert_false(board_position_parse("1 2 " TEST_EPOCH "0", &position));
}

static void assert_refused(const struct board_guard *other, const char *reason)
{
    const char *const names[] = {"overall"};
    struct board_window window;
    int32_t total;

    start_call();
    assert_int_equal(board_read_page(&call, redis, other, &board, NULL, 0, 1, &window),
                     QL_UNAVAILABLE);
    assert_string_equal(call.status.reason, reason);
    assert_int_equal(call.status.retry_delay_ms, 1000);
    start_call();
    assert_int_equal(board_read_around(&call, redis, other, &board, sorted[0].user_id, 0, &window),
                     QL_UNAVAILABLE);
    assert_string_equal(call.status.reason, reason);
    start_call();
    assert_int_equal(board_read_totals(&call, redis, other, names, 1, &total), QL_UNAVAILABLE);
    assert_string_equal(call.status.reason, reason);
}

/* The last test: it takes `applied` away. */
static void test_read_is_refused_without_its_epoch_its_change_or_half_of_the_board(void **state)
{
    struct board_guard other = guard;
    struct board_window window;

    (void)state;
    other.must = MUST + 1;
    assert_refused(&other, "BOARD_BEHIND");
    other = guard;
    memset(other.epoch, '0', 8);
    assert_refused(&other, "BOARD_REBUILDING");

    start_call();
    (void)redis_do(
        &QL_REDIS_COMMAND("ZREMRANGEBYRANK", BOARD_KEY_PREFIX "overall:all:z", "0", "0"));
    assert_int_equal(board_read_page(&call, redis, &guard, &board, NULL, 0, 1, &window),
                     QL_UNAVAILABLE);
    assert_string_equal(call.status.reason, "BOARD_REBUILDING");
    /* Whoever found it has asked for a rebuild. */
    assert_int_equal(redis_do(&QL_REDIS_COMMAND("HEXISTS", BOARD_STATE_KEY, "applied")).integer, 0);
    assert_refused(&guard, "BOARD_REBUILDING");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pages_by_last_entry_are_the_sorted_array),
        cmocka_unit_test(test_page_begins_at_any_rank),
        cmocka_unit_test(test_page_begins_behind_a_position_that_nobody_has),
        cmocka_unit_test(test_window_holds_the_user_and_is_moved_inward),
        cmocka_unit_test(test_window_of_a_short_board_is_the_board),
        cmocka_unit_test(test_totals_are_of_each_board),
        cmocka_unit_test(test_position_survives_a_text),
        cmocka_unit_test(test_read_is_refused_without_its_epoch_its_change_or_half_of_the_board),
    };

    return cmocka_run_group_tests(tests, fill_board, drop_board);
}
