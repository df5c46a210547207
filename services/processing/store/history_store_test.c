/* Claims about what the event table says of users. */
#include "services/processing/testing/processing_fixture.h"

#include "questline/user/v1/names.h"
#include "services/processing/store/history_store.h"

#include "history_sql.h"

enum { N_EVENTS = 4 };

static void append_users_events(struct fixture *f, const char *moved, const char *deleted,
                                int64_t *ret_last_seq)
{
    const char *const users[N_EVENTS] = {moved, moved, deleted, f->user};
    const char *const types[N_EVENTS] = {EVENT_USER_CHANGED, EVENT_USER_CHANGED, EVENT_USER_DELETED,
                                         EVENT_USER_SIGN_IN};
    const char *const payloads[N_EVENTS] = {"{\"timeZone\": \"Asia/Tokyo\"}",
                                            "{\"timeZone\": \"Europe/Paris\"}", "{}", "{}"};
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    struct event_row rows[N_EVENTS];
    char ids[N_EVENTS][QL_UUID_SIZE];

    for (size_t i = 0; i < N_EVENTS; i++) {
        ql_uuid_new(ids[i]);
        rows[i] = (struct event_row){.event_id = ids[i],
                                     .user_id = users[i],
                                     .event_type = types[i],
                                     .occurred_ms = 1767323045678,
                                     .payload = payloads[i],
                                     .traceparent = ""};
    }
    assert_int_equal(ql_pg_begin(&f->call, f->app.parts.pg, &tx), QL_OK);
    assert_int_equal(event_store_append(&f->call, tx, rows, N_EVENTS, ret_last_seq), QL_OK);
    assert_int_equal(ql_pg_commit(&f->call, &tx), QL_OK);
}

static struct user_states *states_before(struct fixture *f, const char *const *users,
                                         size_t n_users, int64_t seq)
{
    struct user_states *states = user_states_new(f->arena);
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;

    assert_non_null(states);
    assert_int_equal(ql_pg_begin(&f->call, f->app.parts.pg, &tx), QL_OK);
    assert_int_equal(history_store_list_users(&f->call, tx, users, n_users, seq, states), QL_OK);
    return states;
}

static void test_users_are_read_as_they_stood_at_a_row(void **state)
{
    struct fixture *f = *state;
    char moved[QL_UUID_SIZE], deleted[QL_UUID_SIZE];
    const char *const users[] = {moved, deleted, f->user};
    struct user_states *states;
    int64_t last_seq;

    ql_uuid_new(moved);
    ql_uuid_new(deleted);
    append_users_events(f, moved, deleted, &last_seq);
    states = states_before(f, users, QL_ARRAY_LENGTH(users), last_seq + 1);
    assert_string_equal(user_states_find(states, moved)->zone, "Europe/Paris");
    assert_false(user_states_find(states, moved)->is_deleted);
    assert_true(user_states_find(states, deleted)->is_deleted);
    assert_null(user_states_find(states, f->user));

    states = states_before(f, users, QL_ARRAY_LENGTH(users), last_seq - 2);
    assert_string_equal(user_states_find(states, moved)->zone, "Asia/Tokyo");
    assert_true(user_states_find(states, deleted)->is_deleted); /* wherever that stands */
}

/* Every batch asks: what it costs must not grow with all who were ever deleted. */
static void test_each_user_is_looked_up_alone(void **state)
{
    struct fixture *f = *state;
    const char *const users[] = {f->user};
    const char *const parameters[] = {ql_pg_from_array(&f->call, users, 1), "1"};
    const struct ql_pg_statement explain = {
        "explain_list_users", ql_arena_printf(f->arena, "EXPLAIN %s", sql_event_list_users.text)};
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    struct ql_pg_rows rows;
    size_t n_scans = 0;

    assert_int_equal(ql_pg_begin(&f->call, f->app.parts.pg, &tx), QL_OK);
    assert_int_equal(ql_pg_run(&f->call, tx, &explain, parameters, 2, &rows), QL_OK);
    for (size_t i = 0; i < rows.n_rows; i++) {
        const char *line = ql_pg_text(&rows, i, 0);

        assert_null(strstr(line, "hashed"));
        n_scans += strstr(line, "events_user_state_idx") != NULL;
    }
    assert_true(n_scans > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_open, fixture_close)
        TEST(test_users_are_read_as_they_stood_at_a_row),
        TEST(test_each_user_is_looked_up_alone),
#undef TEST
    };

    fixture_migrate();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
