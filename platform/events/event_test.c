/* Tests of the event types and of the envelope. */
#include "platform/events/event.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "platform/base/clock.h"
#include "platform/base/id.h"
#include "platform/events/topology.h"
#include "platform/pb/schema/message.h"
#include "questline/audit/v1/names.h"
#include "questline/catalog/v1/names.h"
#include "questline/event/v1/names.h"
#include "questline/processing/v1/names.h"
#include "questline/user/v1/names.h"

#define USER     "0190a5d0-0000-7000-8000-000000000001"
#define EVENT_ID "0190a5d0-0000-7000-8000-000000000002"

struct fixture {
    struct ql_arena *arena;
    struct ql_call call;
};

static int setup(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));

    fixture->arena = ql_arena_new(16 << 20);
    ql_call_init(&fixture->call, fixture->arena, "test", 10000);
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;

    ql_arena_free(fixture->arena);
    free(fixture);
    return 0;
}

/* A good envelope, for tests to spoil. */
struct sample {
    Event event;
    Google__Protobuf__Timestamp time;
    Google__Protobuf__Any body;
};

static void sample_init(struct sample *sample)
{
    Event_init(&sample->event);
    google__protobuf__timestamp__init(&sample->time);
    google__protobuf__any__init(&sample->body);
    sample->time.seconds = 1767225600;
    sample->time.nanos = 5999999;
    sample->body.type_url = (char *)"type.googleapis.com/questline.user.v1.UserSignedIn";
    sample->event.event_id = (char *)EVENT_ID;
    sample->event.event_type = (char *)EVENT_USER_SIGN_IN;
    sample->event.user_id = (char *)USER;
    sample->event.occurred_at = &sample->time;
    sample->event.body = &sample->body;
}

static enum ql_code sample_read(struct ql_call *call, const struct sample *sample,
                                struct ql_event *ret_event)
{
    uint8_t *bytes;
    size_t length;

    assert_int_equal(ql_message_pack(call, &sample->event, &bytes, &length), QL_OK);
    return ql_event_unpack(call, bytes, length, ret_event);
}

static void expect_refused(struct ql_call *call, const struct sample *sample, const char *reason)
{
    struct ql_event event;

    ql_call_clear_status(call);
    assert_int_equal(sample_read(call, sample, &event), QL_INVALID_ARGUMENT);
    assert_string_equal(call->status.reason, reason);
}

static void test_every_reserved_type_has_a_known_body_and_fits_its_key_alone(void **state)
{
    size_t n_types;
    const struct ql_event_type *types = ql_schema_event_types(ql_schema_embedded(), &n_types);

    (void)state;
    assert_true(n_types > 0);
    for (size_t i = 0; i < n_types; i++) {
        assert_ptr_equal(ql_event_type_find(types[i].type), &types[i]);
        assert_non_null(ql_schema_message(ql_schema_embedded(), types[i].body));
        for (size_t j = 0; j < n_types; j++)
            assert_int_equal(ql_event_type_fits_key(types[i].type, types[j].routing_key),
                             strcmp(types[i].routing_key, types[j].routing_key) == 0);
    }
    assert_null(ql_event_type_find("monster.killed"));
}

static void test_custom_types_are_dotted_lower_case_under_their_own_key(void **state)
{
    static const struct {
        const char *type, *key;
        bool fits;
    } cases[] = {
        {"monster.killed", "custom.monster.killed", true},
        {"a.b_2.c", "custom.a.b_2.c", true},
        {"monster.killed", "monster.killed", false},
        {"monster.killed", "custom.monster.kill", false},
        {"monster.killed", "custom.monster.killed.", false},
        {"monster", "custom.monster", false},
        {"Monster.killed", "custom.Monster.killed", false},
        {"monster..killed", "custom.monster..killed", false},
        {".monster.killed", "custom..monster.killed", false},
        {"monster.killed.", "custom.monster.killed.", false},
        {"monster.#", "custom.monster.#", false},
        {"monster.2", "custom.monster.2", false},
        {"", "custom.", false},
        {EVENT_USER_SIGN_IN, "custom.UserSignIn", false},
        {"RaffleDrawn", "raffle.drawn", false},
        {"RaffleDrawn", "custom.RaffleDrawn", false},
        {EVENT_USER_DELETED, EVENT_USER_DELETED_KEY, true},
        {EVENT_USER_SIGN_IN_KEY, EVENT_USER_SIGN_IN_KEY, false},
        {EVENT_USER_SIGN_IN_KEY, "custom.user.signed_in", true},
    };

    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(cases); i++) {
        if (ql_event_type_fits_key(cases[i].type, cases[i].key) != cases[i].fits)
            fail_msg("%s under %s", cases[i].type, cases[i].key);
    }
}

static void test_types_of_users_are_those_that_name_one(void **state)
{
    static const struct {
        const char *type;
        bool is_of_users;
    } cases[] = {
        {EVENT_NEW_USER_SIGN_IN, true}, {EVENT_USER_DELETED, true},   {EVENT_QUEST_COMPLETED, true},
        {"monster.killed", true},       {EVENT_QUEST_CHANGED, false}, {EVENT_REWARD_CHANGED, false},
        {EVENT_ADMIN_ACTED, false},     {"RaffleDrawn", false},       {"monster", false},
    };

    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(cases); i++)
        assert_int_equal(ql_event_type_is_of_users(cases[i].type), cases[i].is_of_users);
}

static void test_event_survives_packing_and_unpacking(void **state)
{
    struct fixture *fixture = *state;
    struct ql_call *call = &fixture->call;
    struct ql_event made, read;
    UserSignedIn body, *unpacked;
    uint8_t *bytes;
    size_t length;

    UserSignedIn_init(&body);
    body.session_id = (char *)EVENT_ID;
    assert_int_equal(ql_event_make(call, EVENT_NEW_USER_SIGN_IN, NULL, USER, &body.base, &made),
                     QL_OK);
    assert_true(ql_uuid_is_valid(made.event_id));
    assert_in_range(made.occurred_ms, ql_unix_ms() - 1000, ql_unix_ms());
    assert_non_null(strstr(made.traceparent, call->trace.trace_id));
    assert_int_equal(ql_event_pack(call, &made, &bytes, &length), QL_OK);
    assert_int_equal(ql_event_unpack(call, bytes, length, &read), QL_OK);
    assert_string_equal(read.event_id, made.event_id);
    assert_string_equal(read.type, EVENT_NEW_USER_SIGN_IN);
    assert_string_equal(read.user_id, USER);
    assert_int_equal(read.occurred_ms, made.occurred_ms);
    assert_string_equal(read.traceparent, made.traceparent);
    assert_string_equal(read.body_type, "questline.user.v1.UserSignedIn");
    assert_int_equal(
        ql_message_unpack(call, &UserSignedIn_descriptor, read.body, read.body_length, &unpacked),
        QL_OK);
    assert_string_equal(unpacked->session_id, EVENT_ID);
}

static void test_given_event_id_is_kept(void **state)
{
    struct fixture *fixture = *state;
    struct ql_event made;
    UserSignedIn body;

    UserSignedIn_init(&body);
    assert_int_equal(
        ql_event_make(&fixture->call, EVENT_USER_SIGN_IN, EVENT_ID, "", &body.base, &made), QL_OK);
    assert_string_equal(made.event_id, EVENT_ID);
    assert_string_equal(made.user_id, "");
}

static void test_body_that_is_not_the_types_own_is_refused_when_made(void **state)
{
    struct fixture *fixture = *state;
    struct ql_event made;
    UserSignedIn body;

    UserSignedIn_init(&body);
    assert_int_equal(
        ql_event_make(&fixture->call, EVENT_QUEST_COMPLETED, NULL, USER, &body.base, &made),
        QL_INTERNAL);
    assert_int_equal(ql_event_make(&fixture->call, "monster.killed", NULL, USER, &body.base, &made),
                     QL_INTERNAL);
    assert_string_equal(fixture->call.status.reason, "EVENT_BODY_MISMATCH");
}

static void test_good_envelope_is_read_with_ids_in_lower_case(void **state)
{
    struct fixture *fixture = *state;
    struct sample sample;
    struct ql_event event;

    sample_init(&sample);
    sample.event.event_id = (char *)"0190A5D0-0000-7000-8000-00000000ABCD";
    sample.event.traceparent =
        (char *)"much longer than any traceparent that the specification knows of";
    assert_int_equal(sample_read(&fixture->call, &sample, &event), QL_OK);
    assert_string_equal(event.event_id, "0190a5d0-0000-7000-8000-00000000abcd");
    assert_int_equal(event.occurred_ms, 1767225600005);
    assert_string_equal(event.traceparent, "");
}

static void test_custom_event_carries_a_struct_and_nothing_else(void **state)
{
    struct fixture *fixture = *state;
    struct sample sample;
    struct ql_event event;

    sample_init(&sample);
    sample.event.event_type = (char *)"monster.killed";
    expect_refused(&fixture->call, &sample, "EVENT_BODY_MISMATCH");
    sample.body.type_url = (char *)"type.googleapis.com/google.protobuf.Struct";
    assert_int_equal(sample_read(&fixture->call, &sample, &event), QL_OK);
    assert_string_equal(event.body_type, "google.protobuf.Struct");
}

static void test_custom_events_cannot_take_the_ids_of_effects(void **state)
{
    struct fixture *fixture = *state;
    struct sample sample;

    sample_init(&sample);
    sample.event.event_type = (char *)"monster.killed";
    sample.body.type_url = (char *)"type.googleapis.com/google.protobuf.Struct";
    sample.event.event_id = (char *)"0190c5f2-8a51-8cc3-9d0e-5b1f4c3a2e11";
    expect_refused(&fixture->call, &sample, "EVENT_ID_RESERVED");
}

static void test_wrong_ids_and_types_are_refused(void **state)
{
    struct fixture *fixture = *state;
    struct sample sample;

    sample_init(&sample);
    sample.event.event_id = (char *)"";
    expect_refused(&fixture->call, &sample, "EVENT_ID_INVALID");
    sample_init(&sample);
    sample.event.user_id = (char *)"somebody";
    expect_refused(&fixture->call, &sample, "EVENT_ID_INVALID");
    sample_init(&sample);
    sample.event.event_type = (char *)"RaffleDrawn";
    expect_refused(&fixture->call, &sample, "EVENT_TYPE_INVALID");
    sample.event.event_type = (char *)"";
    expect_refused(&fixture->call, &sample, "EVENT_TYPE_INVALID");
}

static void test_times_outside_2000_to_9999_are_refused(void **state)
{
    static const struct {
        int64_t seconds;
        int32_t nanos;
        const char *reason; /* of what is no time at all the check of the wire's */
    } cases[] = {{0, 0, "EVENT_TIME_INVALID"},       {946684799, 999999999, "EVENT_TIME_INVALID"},
                 {253402300800, 0, "INVALID_FIELD"}, {INT64_MAX, 0, "INVALID_FIELD"},
                 {INT64_MIN, 0, "INVALID_FIELD"},    {1767225600000, 0, "INVALID_FIELD"},
                 {1767225600, -1, "INVALID_FIELD"},  {1767225600, 1000000000, "INVALID_FIELD"}};
    struct fixture *fixture = *state;
    struct sample sample;

    for (size_t i = 0; i < QL_ARRAY_LENGTH(cases); i++) {
        sample_init(&sample);
        sample.time.seconds = cases[i].seconds;
        sample.time.nanos = cases[i].nanos;
        expect_refused(&fixture->call, &sample, cases[i].reason);
    }
    sample_init(&sample);
    sample.event.occurred_at = NULL;
    expect_refused(&fixture->call, &sample, "EVENT_TIME_INVALID");
}

static void test_wrong_bodies_are_refused(void **state)
{
    static uint8_t broken[] = {0x0a, 0x05, 'a'};
    static uint8_t not_utf8[] = {0x0a, 0x01, 0xff};
    struct fixture *fixture = *state;
    struct sample sample;

    sample_init(&sample);
    sample.event.body = NULL;
    expect_refused(&fixture->call, &sample, "EVENT_BODY_MISSING");
    sample_init(&sample);
    sample.body.type_url = (char *)"questline.user.v1.UserSignedIn";
    expect_refused(&fixture->call, &sample, "EVENT_BODY_MISMATCH");
    sample_init(&sample);
    sample.body.value.data = broken;
    sample.body.value.len = sizeof(broken);
    expect_refused(&fixture->call, &sample, "MALFORMED_MESSAGE");
    sample.body.value.data = not_utf8;
    sample.body.value.len = sizeof(not_utf8);
    expect_refused(&fixture->call, &sample, "INVALID_FIELD");
}

static void test_envelopes_past_the_limit_are_refused_both_ways(void **state)
{
    struct fixture *fixture = *state;
    struct ql_call *call = &fixture->call;
    uint8_t *bytes = ql_arena_calloc(fixture->arena, 1, QL_EVENT_MAX_BYTES + 1);
    struct ql_event event;
    UserSignedIn body;
    size_t length;

    UserSignedIn_init(&body);
    assert_int_equal(ql_event_unpack(call, bytes, QL_EVENT_MAX_BYTES + 1, &event),
                     QL_INVALID_ARGUMENT);
    assert_string_equal(call->status.reason, "EVENT_TOO_LARGE");
    assert_int_equal(ql_event_make(call, EVENT_USER_SIGN_IN, NULL, "", &body.base, &event), QL_OK);
    event.body = bytes;
    event.body_length = QL_EVENT_MAX_BYTES;
    assert_int_equal(ql_event_pack(call, &event, &bytes, &length), QL_INVALID_ARGUMENT);
    assert_string_equal(call->status.reason, "EVENT_TOO_LARGE");
}

static void test_every_truncation_is_refused_cleanly(void **state)
{
    struct fixture *fixture = *state;
    struct ql_call *call = &fixture->call;
    struct ql_event event;
    struct sample sample;
    uint8_t *bytes;
    size_t length;

    sample_init(&sample);
    assert_int_equal(ql_message_pack(call, &sample.event, &bytes, &length), QL_OK);
    for (size_t n = 0; n < length; n++)
        assert_int_equal(ql_event_unpack(call, bytes, n, &event), QL_INVALID_ARGUMENT);
    assert_int_equal(ql_event_unpack(call, bytes, length, &event), QL_OK);
}

static void test_body_is_rendered_as_json(void **state)
{
    struct fixture *fixture = *state;
    struct ql_event event;
    UserSignedIn body;
    char *json;

    UserSignedIn_init(&body);
    body.session_id = (char *)EVENT_ID;
    assert_int_equal(
        ql_event_make(&fixture->call, EVENT_USER_SIGN_IN, NULL, USER, &body.base, &event), QL_OK);
    assert_int_equal(ql_event_body_json(&fixture->call, &event, &json), QL_OK);
    assert_string_equal(json, "{\"sessionId\":\"" EVENT_ID "\"}");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_every_reserved_type_has_a_known_body_and_fits_its_key_alone),
        TEST(test_custom_types_are_dotted_lower_case_under_their_own_key),
        TEST(test_types_of_users_are_those_that_name_one),
        TEST(test_event_survives_packing_and_unpacking),
        TEST(test_given_event_id_is_kept),
        TEST(test_body_that_is_not_the_types_own_is_refused_when_made),
        TEST(test_good_envelope_is_read_with_ids_in_lower_case),
        TEST(test_custom_event_carries_a_struct_and_nothing_else),
        TEST(test_custom_events_cannot_take_the_ids_of_effects),
        TEST(test_wrong_ids_and_types_are_refused),
        TEST(test_times_outside_2000_to_9999_are_refused),
        TEST(test_wrong_bodies_are_refused),
        TEST(test_envelopes_past_the_limit_are_refused_both_ways),
        TEST(test_every_truncation_is_refused_cleanly),
        TEST(test_body_is_rendered_as_json),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
