/* Tests of the cache, by given clocks. */
#include "platform/readside/cache.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include <pthread.h>
#include <stdatomic.h>

#include "platform/base/attributes.h"

#define ID    "0192d3a4-0000-7000-8000-0000000000a1"
#define OTHER "0192D3A4-0000-7000-8000-0000000000B2" /* letters of either case are the same id */
#define FIRST "00000000-0000-0000-0000-000000000000"

enum { MADE = 1000000, TRUSTED = 600, SHOWN = 750 };

static struct ql_cache *cache;
static struct ql_arena *arena;
static struct ql_resource_item got;
static struct ql_cache_page page;

static int setup(void **state)
{
    (void)state;
    cache = ql_cache_new(&(const struct ql_cache_options){
        .max_entries = 100, .max_bytes = 100000, .lease_ms = TRUSTED, .publish_delay_ms = SHOWN});
    arena = ql_arena_new(1 << 20);
    return cache == NULL || arena == NULL;
}

static int teardown(void **state)
{
    (void)state;
    ql_cache_free(cache);
    ql_arena_free(arena);
    return 0;
}

static struct ql_resource_item item_of(const char *id, int64_t revision, int64_t revised_ms,
                                       const char *text)
{
    return (struct ql_resource_item){.id = id,
                                     .revision = revision,
                                     .revised_ms = revised_ms,
                                     .etag = text,
                                     .bytes = text,
                                     .length = strlen(text)};
}

static void put(const char *id, int64_t revision, int64_t revised_ms, const char *text)
{
    struct ql_resource_item item = item_of(id, revision, revised_ms, text);

    ql_cache_put_listed(cache, &item, revised_ms);
}

static void change(const char *id, int64_t revision, int64_t revised_ms, int64_t unix_ms)
{
    struct ql_resource_item item = item_of(id, revision, revised_ms, "changed");

    ql_cache_put_changed(cache, &item, unix_ms);
}

static void hide(const char *id, int64_t revision, int64_t revised_ms, int64_t unix_ms)
{
    struct ql_resource_item item = item_of(id, revision, revised_ms, "hidden");

    item.is_archived = true;
    ql_cache_put_changed(cache, &item, unix_ms);
}

static bool get(const char *id, int64_t revision, int64_t unix_ms)
{
    return ql_cache_get(cache, arena, id, revision, (struct ql_cache_now){5000, unix_ms}, &got);
}

static void assert_shows(const char *id, int64_t unix_ms, const char *text)
{
    assert_true(get(id, 0, unix_ms));
    assert_int_equal(got.length, strlen(text));
    assert_memory_equal(got.bytes, text, got.length);
    assert_string_equal(got.etag, text);
}

static void test_only_a_newer_revision_replaces_one(void **state)
{
    (void)state;
    ql_cache_set_synced(cache, 5000);
    put(ID, 2, MADE, "two");
    put(ID, 1, MADE, "one");
    put(ID, 2, MADE, "two again");
    assert_shows(ID, MADE + SHOWN, "two");
    put(ID, 3, MADE, "three");
    assert_shows(ID, MADE + SHOWN, "three");
    assert_int_equal(ql_cache_count(cache), 1);
}

static void test_lease_ends_with_the_age_of_the_bookmark(void **state)
{
    struct ql_cache_now now = {5000, MADE};

    (void)state;
    put(ID, 1, MADE, "one");
    assert_false(ql_cache_get(cache, arena, ID, 0, now, &got));
    assert_int_equal(ql_cache_age_ms(cache, 5000), -1);
    ql_cache_set_synced(cache, 4500);
    ql_cache_set_synced(cache, 4000); /* an older bookmark takes nothing back */
    assert_int_equal(ql_cache_age_ms(cache, 5000), 500);
    now.monotonic_ms = 4500 + TRUSTED - 1;
    assert_true(ql_cache_get(cache, arena, ID, 0, now, &got));
    now.monotonic_ms = 4500 + TRUSTED;
    assert_false(ql_cache_get(cache, arena, ID, 0, now, &got));
    assert_true(ql_cache_get(cache, arena, ID, 1, now, &got)); /* it can never change */
    ql_cache_set_synced(cache, 5100);
    assert_true(ql_cache_get(cache, arena, ID, 0, now, &got));
}

static void test_edit_is_published_after_its_delay_and_the_first_revision_at_once(void **state)
{
    (void)state;
    ql_cache_set_synced(cache, 5000);
    put(ID, 1, MADE, "one");
    assert_shows(ID, MADE, "one");
    put(ID, 2, MADE + 100, "two");
    put(ID, 3, MADE + 300, "three");
    assert_shows(ID, MADE + 100 + SHOWN - 1, "one");
    assert_shows(ID, MADE + 100 + SHOWN, "two");
    assert_shows(ID, MADE + 300 + SHOWN, "three");
    assert_true(get(ID, 3, MADE + 300));
    put(OTHER, 7, MADE, "seven");
    assert_false(get(OTHER, 0, MADE)); /* what is to be shown meanwhile is not here */
    assert_shows(OTHER, MADE + SHOWN, "seven");
}

static void test_gap_between_revisions_is_not_guessed(void **state)
{
    (void)state;
    ql_cache_set_synced(cache, 5000);
    put(ID, 1, MADE, "one");
    put(ID, 3, MADE + 1000, "three");
    assert_false(get(ID, 0, MADE + 1000));
    assert_shows(ID, MADE + 1000 + SHOWN, "three");
}

static void test_edits_in_a_row_do_not_pile_up(void **state)
{
    char text[32];

    (void)state;
    ql_cache_set_synced(cache, 5000);
    for (int revision = 1; revision <= 1000; revision++) {
        snprintf(text, sizeof(text), "revision %d", revision);
        put(ID, revision, MADE, text);
    }
    assert_true(ql_cache_bytes(cache) < 2000);
    assert_shows(ID, MADE + SHOWN, "revision 1000");
}

static void load_many(int n)
{
    char id[QL_UUID_SIZE];

    ql_cache_begin_relist(cache, MADE);
    for (int i = n; i > 0; i--) {
        snprintf(id, sizeof(id), "0192d3a4-0000-7000-8000-%012d", i);
        ql_cache_put_listed(cache,
                            &(const struct ql_resource_item){.id = id,
                                                             .revision = 1,
                                                             .revised_ms = MADE,
                                                             .is_archived = i % 10 == 0,
                                                             .etag = "",
                                                             .bytes = id,
                                                             .length = 36},
                            MADE);
    }
    ql_cache_end_relist(cache);
}

static bool list(const char *after, size_t limit, size_t max_bytes)
{
    return ql_cache_list(cache, arena, after, limit, max_bytes, NULL,
                         (struct ql_cache_now){5000, MADE}, &page);
}

static void test_pages_show_everything_once_but_for_hidden_things(void **state)
{
    const char *after = FIRST;
    int n = 0, n_pages = 0;

    (void)state;
    ql_cache_set_synced(cache, 5000);
    load_many(100);
    do {
        assert_true(list(after, 7, 100000));
        for (size_t i = 0; i < page.n_items; i++) {
            assert_true(strcmp(page.items[i].id, after) > 0);
            assert_memory_equal(page.items[i].bytes, page.items[i].id, 36);
            after = page.items[i].id;
            n++;
        }
        n_pages++;
    } while (page.has_more);
    assert_int_equal(n, 90);
    assert_int_equal(n_pages, 13);
    assert_true(list(FIRST, 100, 100000));
    assert_int_equal(page.n_items, 90);
    assert_false(page.has_more);
    assert_true(list(FIRST, 100, 100));
    assert_int_equal(page.n_items, 3);
    assert_true(page.has_more);
}

static void test_list_needs_a_whole_cache_with_a_lease(void **state)
{
    (void)state;
    ql_cache_set_synced(cache, 5000);
    put(ID, 1, MADE, "one");
    assert_false(list(FIRST, 10, 1000)); /* nobody said that this is all */
    load_many(5);
    assert_true(list(FIRST, 10, 1000));
    assert_false(ql_cache_list(cache, arena, FIRST, 10, 1000, NULL,
                               (struct ql_cache_now){5000 + TRUSTED, MADE}, &page));
    put(ID, 2, MADE, "two");
    put(OTHER, 9, MADE, "nine, of which the one before is unknown");
    assert_false(list(FIRST, 10, 1000));
}

static void test_what_does_not_fit_is_asked_for_elsewhere(void **state)
{
    (void)state;
    ql_cache_set_synced(cache, 5000);
    load_many(120); /* 12 of them hidden */
    assert_int_equal(ql_cache_count(cache), 100);
    assert_false(list(FIRST, 10, 1000));
    assert_false(get("0192d3a4-0000-7000-8000-000000000001", 0, MADE)); /* it came last */
    assert_true(get("0192d3a4-0000-7000-8000-000000000119", 0, MADE));
}

static void test_newer_revision_without_space_takes_the_older_one_away(void **state)
{
    static char large[100000];

    (void)state;
    memset(large, 'x', sizeof(large) - 1);
    ql_cache_set_synced(cache, 5000);
    put(ID, 1, MADE, "one");
    put(ID, 2, MADE + 100, large);
    assert_false(get(ID, 0, MADE + 100));
    assert_false(get(ID, 0, MADE + 100 + SHOWN));
    assert_int_equal(ql_cache_bytes(cache), 0);
}

static size_t n_listed(int64_t unix_ms)
{
    assert_true(ql_cache_list(cache, arena, FIRST, 100, 10000, NULL,
                              (struct ql_cache_now){5000, unix_ms}, &page));
    return page.n_items;
}

static void test_hidden_thing_is_shown_until_its_time_and_takes_no_space_then(void **state)
{
    (void)state;
    ql_cache_set_synced(cache, 5000);
    load_many(0);
    put(ID, 1, MADE, "one");
    put(OTHER, 1, MADE, "stays");
    hide(ID, 2, MADE + 100, MADE + 100);
    ql_cache_evict_archived(cache, MADE + 100 + SHOWN - 1);
    assert_int_equal(n_listed(MADE + 100 + SHOWN - 1), 2);
    assert_shows(ID, MADE + 100 + SHOWN - 1, "one");
    assert_int_equal(n_listed(MADE + 100 + SHOWN), 1);
    ql_cache_evict_archived(cache, MADE + 100 + SHOWN);
    assert_int_equal(ql_cache_count(cache), 1);
    assert_int_equal(n_listed(MADE + 100 + SHOWN), 1);
    assert_false(get(ID, 0, MADE + 100 + SHOWN));
    hide(OTHER, 2, MADE, MADE + SHOWN); /* its time is over when it comes */
    assert_int_equal(ql_cache_count(cache), 0);
    assert_int_equal(ql_cache_bytes(cache), 0);
}

static void test_late_change_shows_nothing_hidden_again(void **state)
{
    const int64_t now_ms = MADE + 10 * SHOWN;

    (void)state;
    ql_cache_set_synced(cache, 5000);
    load_many(0);
    change(ID, 1, MADE, MADE);
    assert_int_equal(n_listed(now_ms), 1);
    change(ID, 2, MADE, MADE);
    hide(ID, 3, MADE, now_ms);
    change(ID, 1, MADE, now_ms);
    change(ID, 2, MADE, now_ms);
    change(OTHER, 2, MADE, now_ms);           /* it was hidden before the load */
    change(OTHER, 1, MADE - 3600000, now_ms); /* so was it then */
    assert_int_equal(n_listed(now_ms), 0);
    change(OTHER, 1, MADE - 1000, now_ms); /* the load may have passed its place before */
    assert_int_equal(n_listed(now_ms), 1);
}

static void test_space_that_hidden_things_made_is_reported(void **state)
{
    (void)state;
    load_many(112); /* 11 hidden: there is space for all but one */
    assert_false(ql_cache_may_fit(cache));
    hide("0192d3a4-0000-7000-8000-000000000111", 2, MADE, MADE + SHOWN);
    assert_true(ql_cache_may_fit(cache));
    load_many(113); /* the first number is in the cache no longer: all but two */
    assert_false(ql_cache_may_fit(cache));
    hide("0192d3a4-0000-7000-8000-000000000112", 2, MADE, MADE + SHOWN);
    assert_false(ql_cache_may_fit(cache));
    hide("0192d3a4-0000-7000-8000-000000000001", 2, MADE, MADE + SHOWN); /* it had no space */
    assert_true(ql_cache_may_fit(cache));
    load_many(100);
    assert_false(ql_cache_may_fit(cache));
}

/* Of snapshots: numbers with gaps, which are shown at once. */
static void test_snapshot_is_kept_when_it_is_newer_and_shown_at_once(void **state)
{
    struct ql_cache *resources = cache;
    struct ql_cache_now now = {5000, MADE};

    (void)state;
    cache = ql_cache_new(&(const struct ql_cache_options){
        .max_entries = 100, .max_bytes = 100000, .lease_ms = TRUSTED, .is_of_snapshots = true});
    assert_non_null(cache);
    load_many(0);
    ql_cache_set_synced(cache, 5000);
    assert_true(ql_cache_lacks(cache, ID, now));
    change(ID, 812, 0, MADE);
    assert_true(get(ID, 0, MADE));
    assert_int_equal(got.revision, 812);
    change(ID, 90, 0, MADE);
    change(ID, 812, 0, MADE);
    assert_true(get(ID, 0, MADE));
    assert_int_equal(got.revision, 812);
    change(ID, 813, 0, MADE);
    change(ID, 1000, 0, MADE);
    assert_true(get(ID, 0, MADE));
    assert_int_equal(got.revision, 1000);
    assert_false(ql_cache_lacks(cache, ID, now));
    assert_true(ql_cache_lacks(cache, OTHER, now));
    now.monotonic_ms = 5000 + TRUSTED;
    assert_false(ql_cache_lacks(cache, OTHER, now)); /* the lease is over */
    ql_cache_free(cache);
    cache = resources;
}

static void test_cache_that_is_not_whole_lacks_nothing_for_certain(void **state)
{
    (void)state;
    ql_cache_set_synced(cache, 5000);
    put(ID, 1, MADE, "one");
    assert_false(ql_cache_lacks(cache, OTHER, (struct ql_cache_now){5000, MADE}));
}

/* Those whose id ends as the argument does. */
static bool ends_so(const void *argument, const void *bytes, size_t length)
{
    return length > 0 && ((const char *)bytes)[length - 1] == *(const char *)argument;
}

static void test_list_with_a_filter_has_full_pages_of_what_it_keeps(void **state)
{
    const struct ql_cache_filter filter = {.keep = ends_so, .argument = "7"};
    const struct ql_cache_now now = {5000, MADE};
    const char *after = FIRST;
    size_t n = 0, n_pages = 0;

    (void)state;
    ql_cache_set_synced(cache, 5000);
    load_many(100);
    do {
        assert_true(ql_cache_list(cache, arena, after, 4, 100000, &filter, now, &page));
        for (size_t i = 0; i < page.n_items; i++)
            assert_int_equal(page.items[i].id[35], '7');
        n += page.n_items;
        n_pages++;
        after = page.items[page.n_items - 1].id;
    } while (page.has_more);
    assert_int_equal(n, 10);
    assert_int_equal(n_pages, 3);
}

static void test_filter_that_looks_at_too_much_is_asked_elsewhere(void **state)
{
    const struct ql_cache_filter none = {.keep = ends_so, .argument = "x"};
    const struct ql_cache_filter some = {.keep = ends_so, .argument = "7"};
    const struct ql_cache_now now = {5000, MADE};
    struct ql_cache *small = cache;

    (void)state;
    cache = ql_cache_new(&(const struct ql_cache_options){
        .max_entries = 2 * QL_CACHE_LOOKS_MAX, .max_bytes = 16 << 20, .lease_ms = TRUSTED});
    assert_non_null(cache);
    ql_cache_set_synced(cache, 5000);
    load_many(2 * QL_CACHE_LOOKS_MAX);
    assert_true(ql_cache_list(cache, arena, FIRST, 10, 100000, &some, now, &page));
    assert_true(page.has_more);
    assert_false(ql_cache_list(cache, arena, FIRST, 10, 100000, &none, now, &page));
    ql_cache_free(cache);
    cache = small;
}

static atomic_bool is_over;

static void *read_all_the_time(void *argument)
{
    struct ql_arena *mine = ql_arena_new(1 << 16);
    struct ql_resource_item item;
    int64_t last = 0;

    (void)argument;
    while (!atomic_load(&is_over)) {
        if (ql_cache_get(cache, mine, ID, 0, (struct ql_cache_now){5000, MADE + 2 * SHOWN},
                         &item)) {
            if (item.revision < last || item.length != (size_t)(item.revision % 50))
                return mine; /* never freed: the test fails */
            last = item.revision;
        }
        ql_arena_reset(mine);
    }
    ql_arena_free(mine);
    return NULL;
}

static void test_readers_beside_a_writer_see_whole_revisions_that_only_grow(void **state)
{
    static const char text[] = "--------------------------------------------------";
    pthread_t threads[3];
    void *result;

    (void)state;
    ql_cache_set_synced(cache, 5000);
    for (size_t i = 0; i < QL_ARRAY_LENGTH(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, read_all_the_time, NULL), 0);
    for (int64_t revision = 1; revision <= 20000; revision++)
        ql_cache_put_listed(cache,
                            &(const struct ql_resource_item){.id = ID,
                                                             .revision = revision,
                                                             .revised_ms = MADE,
                                                             .etag = "",
                                                             .bytes = text,
                                                             .length = (size_t)(revision % 50)},
                            MADE + 2 * SHOWN);
    atomic_store(&is_over, true);
    for (size_t i = 0; i < QL_ARRAY_LENGTH(threads); i++) {
        pthread_join(threads[i], &result);
        assert_null(result);
    }
}

#define CLAIM(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(test_only_a_newer_revision_replaces_one),
        CLAIM(test_lease_ends_with_the_age_of_the_bookmark),
        CLAIM(test_edit_is_published_after_its_delay_and_the_first_revision_at_once),
        CLAIM(test_gap_between_revisions_is_not_guessed),
        CLAIM(test_edits_in_a_row_do_not_pile_up),
        CLAIM(test_pages_show_everything_once_but_for_hidden_things),
        CLAIM(test_list_needs_a_whole_cache_with_a_lease),
        CLAIM(test_what_does_not_fit_is_asked_for_elsewhere),
        CLAIM(test_newer_revision_without_space_takes_the_older_one_away),
        CLAIM(test_hidden_thing_is_shown_until_its_time_and_takes_no_space_then),
        CLAIM(test_late_change_shows_nothing_hidden_again),
        CLAIM(test_space_that_hidden_things_made_is_reported),
        CLAIM(test_snapshot_is_kept_when_it_is_newer_and_shown_at_once),
        CLAIM(test_cache_that_is_not_whole_lacks_nothing_for_certain),
        CLAIM(test_list_with_a_filter_has_full_pages_of_what_it_keeps),
        CLAIM(test_filter_that_looks_at_too_much_is_asked_elsewhere),
        CLAIM(test_readers_beside_a_writer_see_whole_revisions_that_only_grow),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
