/* Claims about reading quests from a table that has many of them. On a real
 * PostgreSQL, with the run role's rights. */
#include "services/processing/live/catch_up.h"

#include "platform/base/clock.h"
#include "questline/user/v1/names.h"
#include "services/processing/live/event_consumer.h"
#include "services/processing/rules/definition_pb.h"
#include "services/processing/testing/processing_fixture.h"

#include "history_sql.h"

/* More than four pages; with QL_LONG=1 as many as a set of definitions takes. */
enum { USUAL_QUESTS = 2100, PAGE = 500, PLANTED_AT_ONCE = 10000 };

static int n_quests(void)
{
    const char *is_long = getenv("QL_LONG");

    return is_long != NULL && strcmp(is_long, "1") == 0 ? DEFINITIONS_MAX : USUAL_QUESTS;
}

static void plant_some_quests(struct fixture *f, int n)
{
    ql_pg_test_exec(ql_arena_printf(
        f->arena,
        "INSERT INTO events (id, event_type, \"timestamp\", payload)"
        " SELECT gen_random_uuid(), kind.event_type, now(), CASE kind.event_type"
        " WHEN 'QuestChanged' THEN json_build_object('quest', json_build_object("
        " 'questId', gen_random_uuid(), 'revision', '1', 'streak', 3, 'duplication', 1,"
        " 'eventTypes', json_build_array('monster.killed.' || n %% 50), 'laterField', 'x'))"
        " ELSE '{}' END FROM generate_series(1, %d) AS n"
        " CROSS JOIN (VALUES ('QuestChanged'), ('monster.seen')) AS kind (event_type)"
        " ORDER BY n, kind.event_type",
        n));
}

/* Rows of as many quests, between them rows of other types. Several statements insert
 * them, because a statement of a test has 30 s, which a busy machine exceeds with all. */
static void plant_quests(struct fixture *f, int n)
{
    for (; n > PLANTED_AT_ONCE; n -= PLANTED_AT_ONCE)
        plant_some_quests(f, PLANTED_AT_ONCE);
    plant_some_quests(f, n);
    ql_pg_test_exec("ANALYZE events");
}

static int64_t seq_of_quest(struct fixture *f, int number)
{
    return ql_pg_test_int64(ql_arena_printf(
        f->arena, "SELECT seq FROM events WHERE event_type = 'QuestChanged' ORDER BY seq OFFSET %d",
        number));
}

static int64_t blocks_of_page(struct fixture *f, int64_t after_seq)
{
    return fixture_blocks(f, &sql_event_list_range_of_types,
                          ql_arena_printf(f->arena,
                                          "(%lld, %lld, %d, 1048576, '{QuestChanged}', NULL)",
                                          (long long)after_seq, (long long)INT64_MAX, PAGE));
}

static void test_a_page_of_quests_costs_as_much_in_a_small_table_as_in_a_large_one(void **state)
{
    struct fixture *f = *state;
    int64_t small, large;

    plant_quests(f, PAGE + 1);
    small = blocks_of_page(f, 0);
    plant_quests(f, n_quests());
    large = blocks_of_page(f, 0);
    assert_true(small >= 10);
    if (large > small * 3 / 2)
        fail_msg("a page of %d quests looks at %d blocks of a small table, at %d of a large one",
                 PAGE, (int)small, (int)large);
}

static void test_quests_are_read_without_the_lock_and_evaluated(void **state)
{
    static const struct ql_pg_statement lock = {"test_lock",
                                                "SELECT pg_advisory_xact_lock(7165080015001)"};
    struct fixture *f = *state;
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    struct ql_delivery delivery;
    bool has_more = true;

    plant_quests(f, n_quests());
    assert_non_null(event_not_ready(&f->app));
    assert_int_equal(ql_pg_begin(&f->call, f->app.parts.pg, &tx), QL_OK);
    assert_int_equal(ql_pg_run(&f->call, tx, &lock, NULL, 0, NULL), QL_OK);
    while (has_more) {
        assert_non_null(event_not_ready(&f->app));
        f->call.deadline_ms = ql_monotonic_ms() + 10000; /* as the consumer gives a step */
        assert_int_equal(event_chore(&f->call, &has_more), QL_OK);
    }
    assert_null(event_not_ready(&f->app));
    assert_int_equal(definitions_count(f->app.definitions), n_quests());
    ql_pg_tx_endp(&tx);
    event_sign_in(f, &delivery, EVENT_USER_SIGN_IN, f->user);
    f->call.deadline_ms = ql_monotonic_ms() + 10000;
    must_evaluate(f, &delivery, 1);
}

static void test_pages_read_before_a_failure_are_kept(void **state)
{
    struct fixture *f = *state;
    int64_t bad_seq;

    plant_quests(f, 3 * PAGE);
    bad_seq = seq_of_quest(f, 2 * PAGE + 1);
    ql_pg_test_exec(ql_arena_printf(
        f->arena,
        "ALTER TABLE events DISABLE TRIGGER events_are_append_only;"
        "UPDATE events SET payload = '{\"quest\": {\"questId\": \"x\"}}' WHERE seq = %lld",
        (long long)bad_seq));
    assert_int_equal(evaluate_batch(&f->call, &f->app, NULL, 0), QL_DATA_LOSS);
    assert_string_equal(f->call.status.reason, "STORED_QUEST_UNREADABLE");
    assert_true(f->app.definitions_seq == seq_of_quest(f, 2 * PAGE - 1));
    assert_in_range(definitions_count(f->app.definitions), 2 * PAGE, 3 * PAGE - 1);
    assert_non_null(event_not_ready(&f->app));
    ql_pg_test_exec(
        ql_arena_printf(f->arena, "DELETE FROM events WHERE seq = %lld", (long long)bad_seq));
    ql_call_clear_status(&f->call);
    assert_int_equal(evaluate_batch(&f->call, &f->app, NULL, 0), QL_OK);
    assert_int_equal(definitions_count(f->app.definitions), 3 * PAGE - 1);
    assert_null(event_not_ready(&f->app));
}

static void fill_message(struct fixture *f, ProtobufCMessage *message);

static void *new_message(struct fixture *f, const ProtobufCMessageDescriptor *type)
{
    ProtobufCMessage *message = ql_arena_calloc(f->arena, 1, type->sizeof_message);

    assert_non_null(message);
    protobuf_c_message_init(type, message);
    fill_message(f, message);
    return message;
}

/* A value that is not the field's default: every text is a UUID, because some have to be. */
static void fill_value(struct fixture *f, const ProtobufCFieldDescriptor *field, void *value)
{
    switch (field->type) {
    case PROTOBUF_C_TYPE_STRING:
        *(const char **)value = "0192d3a4-0000-7000-8000-0000000000ee";
        break;
    case PROTOBUF_C_TYPE_BOOL:
        *(protobuf_c_boolean *)value = 1;
        break;
    case PROTOBUF_C_TYPE_INT32:
        *(int32_t *)value = 7;
        break;
    case PROTOBUF_C_TYPE_INT64:
        *(int64_t *)value = 7;
        break;
    case PROTOBUF_C_TYPE_ENUM: /* neither the first value nor what stands for it */
        *(int *)value = ((const ProtobufCEnumDescriptor *)field->descriptor)->values[2].value;
        break;
    case PROTOBUF_C_TYPE_MESSAGE:
        *(void **)value = new_message(f, field->descriptor);
        break;
    default:
        fail_msg("the test does not know how to fill %s", field->name);
    }
}

/* Every field; of a oneof its first text. */
static void fill_message(struct fixture *f, ProtobufCMessage *message)
{
    const ProtobufCMessageDescriptor *type = message->descriptor;

    for (unsigned i = 0; i < type->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &type->fields[i];
        char *value = (char *)message + field->offset;
        uint32_t *quantifier = (void *)((char *)message + field->quantifier_offset);

        if ((field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0) {
            if (*quantifier != 0 || field->type != PROTOBUF_C_TYPE_STRING)
                continue;
            *quantifier = field->id;
        } else if (field->label == PROTOBUF_C_LABEL_REPEATED) {
            *(size_t *)(void *)quantifier = 1;
            *(void **)(void *)value = ql_arena_calloc(f->arena, 1, sizeof(void *));
            value = *(void **)(void *)value;
        }
        fill_value(f, field, value);
    }
}

/* One condition on a text and one event type each; what else a definition holds is
 * compared as bytes, a field added later too. */
static void assert_same_definition(const struct definition *left, const struct definition *right)
{
    struct definition bare[] = {*left, *right};

    assert_int_equal(left->n_event_types, 1);
    assert_string_equal(left->event_types[0], right->event_types[0]);
    assert_int_equal(left->n_conditions, 1);
    assert_string_equal(left->conditions[0].field, right->conditions[0].field);
    assert_int_equal(left->conditions[0].operator_, PREDICATE_NOT_EQUAL);
    assert_int_equal(right->conditions[0].operator_, PREDICATE_NOT_EQUAL);
    assert_int_equal(left->conditions[0].n_values, 1);
    assert_string_equal(left->conditions[0].values[0].text, right->conditions[0].values[0].text);
    for (size_t i = 0; i < QL_ARRAY_LENGTH(bare); i++) {
        bare[i].event_types = NULL;
        bare[i].conditions = NULL;
    }
    assert_memory_equal(&bare[0], &bare[1], sizeof(bare[0]));
}

/* The whole document is stored and read: no field is named on the way, so that a field
 * which definition_from_pb reads is there after a restart, too. */
static void test_every_field_of_a_quest_survives_a_restart(void **state)
{
    struct fixture *f = *state;
    Quest *quest = new_message(f, &Quest_descriptor);
    struct definition expected;
    struct ql_delivery delivery;
    struct processing restarted;
    const struct definition *found;

    assert_int_equal(definition_from_pb(&f->call, quest, &expected), QL_OK);
    event_quest_changed(f, &delivery, quest);
    must_evaluate(f, &delivery, 1);
    app_open(&restarted);
    assert_int_equal(catch_up_run(&f->call, &restarted, INT64_MAX), QL_OK);
    found = definitions_find(restarted.definitions, expected.quest_id);
    assert_non_null(found);
    assert_same_definition(&expected, found);
    app_close(&restarted);
}

/* As another process may have appended meanwhile. */
static void test_more_quests_than_a_page_are_not_read_under_the_lock(void **state)
{
    struct fixture *f = *state;
    struct ql_delivery delivery;

    assert_int_equal(evaluate_batch(&f->call, &f->app, NULL, 0), QL_OK);
    plant_quests(f, 2 * PAGE + 10);
    event_sign_in(f, &delivery, EVENT_USER_SIGN_IN, f->user);
    must_evaluate(f, &delivery, 1);
    assert_int_equal(definitions_count(f->app.definitions), 2 * PAGE + 10);
    assert_int_equal(COUNT("events WHERE event_type = 'UserSignIn'"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_open, fixture_close)
        TEST(test_a_page_of_quests_costs_as_much_in_a_small_table_as_in_a_large_one),
        TEST(test_quests_are_read_without_the_lock_and_evaluated),
        TEST(test_pages_read_before_a_failure_are_kept),
        TEST(test_more_quests_than_a_page_are_not_read_under_the_lock),
        TEST(test_every_field_of_a_quest_survives_a_restart),
#undef TEST
    };

    fixture_migrate();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
