/* Claims about the event table itself. */
#include "services/processing/testing/processing_fixture.h"

#include "event_sql.h"

static void make_row(struct fixture *f, struct event_row *ret, const char *type, const char *user)
{
    char id[QL_UUID_SIZE];

    ql_uuid_new(id);
    *ret = (struct event_row){.event_id = ql_arena_strdup(f->arena, id),
                              .user_id = user,
                              .event_type = type,
                              .occurred_ms = 1767323045678,
                              .payload = "{\"a\": [\"\\\"\\\\\", null]}",
                              .traceparent = ""};
}

static void append(struct fixture *f, const struct event_row *rows, size_t n)
{
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    int64_t last_seq;

    assert_int_equal(ql_pg_begin(&f->call, f->app.parts.pg, &tx), QL_OK);
    assert_int_equal(event_store_append(&f->call, tx, rows, n, &last_seq), QL_OK);
    assert_int_equal(ql_pg_commit(&f->call, &tx), QL_OK);
    assert_int_equal(last_seq, ql_pg_test_int64("SELECT max(seq) FROM events"));
}

static void test_rows_stand_in_the_order_of_the_array(void **state)
{
    struct fixture *f = *state;
    struct event_row rows[300];
    char types[300][16];

    for (size_t i = 0; i < QL_ARRAY_LENGTH(rows); i++) {
        snprintf(types[i], sizeof(types[i]), "t%zu", (i * 7919) % 300);
        make_row(f, &rows[i], types[i], f->user);
    }
    append(f, rows, QL_ARRAY_LENGTH(rows));
    assert_memory_equal(types_of_rows(f, ""), "t0 t119 t238 t57 ", 17);
    assert_int_equal(COUNT("(SELECT (substr(event_type, 2)::int = (row_number() OVER (ORDER BY seq)"
                           " - 1) * 7919 % 300) AS fits FROM events) r WHERE fits"),
                     300);
}

static void test_row_is_read_back_as_it_was_stored(void **state)
{
    struct fixture *f = *state;
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    struct event_row rows[2], *found;
    struct event_refs refs;
    size_t n;

    make_row(f, &rows[0], "a.b", f->user);
    make_row(f, &rows[1], "a.b", "");
    rows[1].occurred_ms = 253402300799999; /* the last millisecond of 9999 */
    append(f, rows, 2);
    assert_int_equal(ql_pg_begin(&f->call, f->app.parts.pg, &tx), QL_OK);
    assert_int_equal(event_store_list(&f->call, tx, "", "", 0, 10, &refs), QL_OK);
    assert_int_equal(event_store_get_rows(&f->call, tx, refs.all, refs.n, 1000, &found, &n), QL_OK);
    assert_int_equal(n, 2);
    assert_string_equal(found[0].event_id, rows[0].event_id);
    assert_string_equal(found[0].user_id, f->user);
    assert_string_equal(found[0].payload, rows[0].payload);
    assert_int_equal(refs.all[0].payload_bytes, strlen(rows[0].payload));
    assert_string_equal(found[1].user_id, "");
    assert_true(found[0].occurred_ms == rows[0].occurred_ms);
    assert_true(found[1].occurred_ms == rows[1].occurred_ms);
    assert_int_equal(event_store_get_rows(&f->call, tx, refs.all, refs.n, 10, &found, &n), QL_OK);
    assert_null(found[0].payload); /* longer than was asked for */
}

static void test_known_id_is_refused_with_the_whole_append(void **state)
{
    struct fixture *f = *state;
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    struct event_row rows[2];
    int64_t last_seq;

    make_row(f, &rows[0], "a.b", f->user);
    append(f, rows, 1);
    rows[1] = rows[0];
    make_row(f, &rows[0], "a.b", f->user);
    assert_int_equal(ql_pg_begin(&f->call, f->app.parts.pg, &tx), QL_OK);
    assert_int_equal(event_store_append(&f->call, tx, rows, 2, &last_seq), QL_ALREADY_EXISTS);
    assert_string_equal(ql_pg_violated_constraint(tx), "events_pkey");
    ql_pg_tx_endp(&tx);
    assert_int_equal(COUNT("events"), 1);
}

static void test_filters_choose_rows(void **state)
{
    static const struct {
        bool by_user;
        const char *type;
        int64_t n;
    } cases[] = {
        {false, "", 4}, {true, "", 2}, {false, "a.b", 3}, {true, "a.b", 1}, {true, "x", 0}};
    struct fixture *f = *state;
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    struct event_row rows[4];

    make_row(f, &rows[0], "a.b", f->user);
    make_row(f, &rows[1], "a.b", f->quest);
    make_row(f, &rows[2], "c.d", f->user);
    make_row(f, &rows[3], "a.b", "");
    append(f, rows, 4);
    assert_int_equal(ql_pg_begin(&f->call, f->app.parts.pg, &tx), QL_OK);
    for (size_t i = 0; i < QL_ARRAY_LENGTH(cases); i++) {
        struct event_refs refs;

        assert_int_equal(event_store_list(&f->call, tx, cases[i].by_user ? f->user : "",
                                          cases[i].type, 0, 10, &refs),
                         QL_OK);
        assert_int_equal(refs.n, cases[i].n);
    }
}

/* 5,000 rows of a user among 5,000 of others, of which one in 1,000 is asked for. */
static void plant_rows(struct fixture *f)
{
    ql_pg_test_exec(ql_arena_printf(
        f->arena,
        "INSERT INTO events (id, user_id, event_type, \"timestamp\", payload)"
        " SELECT gen_random_uuid(), CASE WHEN n %% 2 = 0 THEN '%s' ELSE gen_random_uuid() END,"
        " CASE WHEN n %% 1000 = 0 THEN 'boss.killed' ELSE 'monster.killed' END, now(), '{}'"
        " FROM generate_series(1, 10000) AS n",
        f->user));
    ql_pg_test_exec("ANALYZE events");
}

static void test_a_page_looks_at_a_bounded_number_of_rows_whatever_is_asked(void **state)
{
    struct fixture *f = *state;

    plant_rows(f);
    /* Without a match anywhere: all rows of the user, or the whole table, before. */
    assert_in_range(
        fixture_blocks(f, &sql_event_list_of_user_and_type,
                       ql_arena_printf(f->arena, "(0, 100, '%s', 'dragon.killed')", f->user)),
        1, 210);
    assert_in_range(fixture_blocks(f, &sql_event_list_of_type, "(0, 100, 'dragon.killed')"), 1, 10);
    assert_in_range(fixture_blocks(f, &sql_event_list_of_user,
                                   ql_arena_printf(f->arena, "(0, 100, '%s')", f->quest)),
                    1, 10);
}

static void test_pages_of_a_user_and_a_type_go_on_behind_what_was_looked_at(void **state)
{
    struct fixture *f = *state;
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    struct event_refs refs = {.seen_seq = 1};
    int64_t after_seq = 0;
    size_t n_pages = 0, n_found = 0;

    plant_rows(f);
    assert_int_equal(ql_pg_begin(&f->call, f->app.parts.pg, &tx), QL_OK);
    for (; refs.seen_seq != 0; after_seq = refs.seen_seq, n_pages++) {
        assert_int_equal(
            event_store_list(&f->call, tx, f->user, "boss.killed", after_seq, 10, &refs), QL_OK);
        n_found += refs.n;
    }
    assert_int_equal(n_found, 10);
    assert_int_equal(n_pages, 3); /* of 2,000 rows */
}

static void test_events_are_append_only_for_everybody(void **state)
{
    static const char *const changes[] = {"UPDATE events SET event_type = 'x'",
                                          "DELETE FROM events", "TRUNCATE events"};
    struct fixture *f = *state;
    struct event_row row;

    make_row(f, &row, "a.b", f->user);
    append(f, &row, 1);
    for (size_t i = 0; i < QL_ARRAY_LENGTH(changes); i++) {
        assert_string_equal(fixture_refusal(f, "", changes[i]), "42501"); /* no right */
        assert_string_equal(fixture_refusal(f, "_owner", changes[i]), "P0001");
        assert_string_equal(fixture_refusal(f, NULL, changes[i]), "P0001"); /* a superuser */
    }
    assert_int_equal(COUNT("events WHERE event_type = 'a.b'"), 1);
}

static void test_progress_outside_its_limits_is_refused(void **state)
{
    static const char *const rows[] = {"'IN_PROGRESS', -1, 0", "'IN_PROGRESS', 0, -1",
                                       "'DONE', 0, 0"};
    struct fixture *f = *state;

    for (size_t i = 0; i < QL_ARRAY_LENGTH(rows); i++)
        assert_string_equal(
            fixture_refusal(
                f, "",
                ql_arena_printf(f->arena,
                                "INSERT INTO user_quest_rewards VALUES (gen_random_uuid(),"
                                " gen_random_uuid(), gen_random_uuid(), %s, now(), now())",
                                rows[i])),
            "23514");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_open, fixture_close)
        TEST(test_rows_stand_in_the_order_of_the_array),
        TEST(test_row_is_read_back_as_it_was_stored),
        TEST(test_known_id_is_refused_with_the_whole_append),
        TEST(test_filters_choose_rows),
        TEST(test_a_page_looks_at_a_bounded_number_of_rows_whatever_is_asked),
        TEST(test_pages_of_a_user_and_a_type_go_on_behind_what_was_looked_at),
        TEST(test_events_are_append_only_for_everybody),
        TEST(test_progress_outside_its_limits_is_refused),
#undef TEST
    };

    fixture_migrate();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
