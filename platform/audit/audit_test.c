/* Acts of administrators in the outbox of a real database. */
#include "platform/audit/audit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "platform/outbox/outbox.h"
#include "platform/pb/schema/message.h"
#include "platform/pg/test_database.h"
#include "questline/audit/v1/names.h"
#include "questline/catalog/v1/names.h"

#define METHOD QuestCommandService_CreateQuest

struct fixture {
    struct ql_arena *arena;
    struct ql_pg_pool *pool;
    struct ql_call call;
};

static int open_fixture(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    ql_pg_test_exec("TRUNCATE outbox");
    f->arena = ql_arena_new(4 << 20);
    f->pool = ql_pg_pool_new(
        &(const struct ql_pg_pool_options){.url = ql_pg_test_url(), .max_connections = 2});
    ql_call_init(&f->call, f->arena, METHOD, 20000);
    f->call.identity.role = QL_ROLE_ADMIN;
    snprintf(f->call.identity.subject, sizeof(f->call.identity.subject), "ada");
    *state = f;
    return 0;
}

static int close_fixture(void **state)
{
    struct fixture *f = *state;

    ql_pg_pool_free(f->pool);
    ql_arena_free(f->arena);
    free(f);
    return 0;
}

static void record(struct fixture *f, const struct ql_audit_fact *facts, bool commits)
{
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;

    assert_int_equal(ql_pg_begin(&f->call, f->pool, &tx), QL_OK);
    assert_int_equal(ql_audit_record(&f->call, tx, "quest", "q1", facts), QL_OK);
    if (commits)
        assert_int_equal(ql_pg_commit(&f->call, &tx), QL_OK);
}

static int64_t n_rows(void)
{
    return ql_pg_test_int64("SELECT count(*) FROM outbox WHERE event_type = 'AdminActed'"
                            " AND routing_key = 'audit.acted'");
}

/* The one event in the outbox, as its consumer reads it. */
static AdminActed *read_body(struct fixture *f, struct ql_event *ret_event)
{
    static const struct ql_pg_statement read_bytes = {"read_bytes", "SELECT bytes FROM outbox"};
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    struct ql_pg_rows rows;
    AdminActed *body;
    uint8_t *bytes;
    size_t length;

    assert_int_equal(ql_pg_begin(&f->call, f->pool, &tx), QL_OK);
    assert_int_equal(ql_pg_run(&f->call, tx, &read_bytes, NULL, 0, &rows), QL_OK);
    assert_int_equal(rows.n_rows, 1);
    assert_int_equal(ql_pg_bytes(&f->call, &rows, 0, 0, &bytes, &length), QL_OK);
    assert_int_equal(ql_event_unpack(&f->call, bytes, length, ret_event), QL_OK);
    assert_int_equal(ql_message_unpack(&f->call, &AdminActed_descriptor, ret_event->body,
                                       ret_event->body_length, &body),
                     QL_OK);
    return body;
}

static void test_act_names_its_actor_its_method_and_its_target(void **state)
{
    static const struct ql_audit_fact facts[] = {{"revision", "3"}, {NULL, NULL}};
    struct fixture *f = *state;
    struct ql_event event;
    AdminActed *body;

    record(f, facts, true);
    assert_int_equal(n_rows(), 1);
    body = read_body(f, &event);
    assert_string_equal(event.type, EVENT_ADMIN_ACTED);
    assert_string_equal(event.user_id, "");
    assert_string_equal(body->actor_id, "ada");
    assert_string_equal(body->role, "ADMIN");
    assert_string_equal(body->method, METHOD);
    assert_string_equal(body->target, "quest/q1");
    assert_string_equal(body->request_id, f->call.request_id);
    assert_int_equal(body->n_facts, 1);
    assert_string_equal(body->facts[0]->key, "revision");
    assert_string_equal(body->facts[0]->value, "3");
}

static void test_operator_acts_under_the_name_of_the_service_they_are(void **state)
{
    struct fixture *f = *state;
    struct ql_event event;
    AdminActed *body;

    f->call.identity.role = QL_ROLE_SERVICE;
    snprintf(f->call.identity.subject, sizeof(f->call.identity.subject), "questctl");
    record(f, NULL, true);
    assert_int_equal(n_rows(), 1);
    body = read_body(f, &event);
    assert_string_equal(body->actor_id, "questctl");
    assert_string_equal(body->role, "SERVICE");
}

static void test_act_is_gone_with_its_transaction(void **state)
{
    record(*state, NULL, false);
    assert_int_equal(n_rows(), 0);
}

static void test_others_leave_no_trail(void **state)
{
    static const enum ql_role roles[] = {QL_ROLE_NONE, QL_ROLE_USER, QL_ROLE_PUBLISHER};
    struct fixture *f = *state;

    for (size_t i = 0; i < QL_ARRAY_LENGTH(roles); i++) {
        f->call.identity.role = roles[i];
        record(f, NULL, true);
    }
    assert_int_equal(ql_pg_test_int64("SELECT count(*) FROM outbox"), 0);
}

static void test_facts_are_bounded_in_number_and_length(void **state)
{
    struct ql_audit_fact facts[QL_AUDIT_FACTS_MAX + 2] = {{NULL, NULL}};
    char value[2 * QL_AUDIT_TEXT_MAX + 1];
    struct fixture *f = *state;
    struct ql_event event;
    AdminActed *body;
    size_t length = 1;

    /* The limit falls into the middle of a two-byte character. */
    value[0] = 'a';
    for (; length + 2 < sizeof(value); length += 2)
        memcpy(value + length, "\xc3\xa4", 2);
    value[length] = '\0';
    for (size_t i = 0; i <= QL_AUDIT_FACTS_MAX; i++)
        facts[i] = (struct ql_audit_fact){"name", value};
    record(f, facts, true);
    body = read_body(f, &event);
    assert_int_equal(body->n_facts, QL_AUDIT_FACTS_MAX);
    assert_int_equal(strlen(body->facts[0]->value), QL_AUDIT_TEXT_MAX - 1);
}

#define WITH_FIXTURE(test) cmocka_unit_test_setup_teardown(test, open_fixture, close_fixture)

int main(void)
{
    const struct ql_pg_migration *const tables[] = {ql_outbox_migrations()};
    const struct CMUnitTest tests[] = {
        WITH_FIXTURE(test_act_names_its_actor_its_method_and_its_target),
        WITH_FIXTURE(test_operator_acts_under_the_name_of_the_service_they_are),
        WITH_FIXTURE(test_act_is_gone_with_its_transaction),
        WITH_FIXTURE(test_others_leave_no_trail),
        WITH_FIXTURE(test_facts_are_bounded_in_number_and_length),
    };

    ql_pg_test_migrate(tables, 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
