/* Claims about what game servers publish: what is taken stands in the outbox,
 * what is refused is named and leaves nothing. */
#include "services/processing/testing/processing_fixture.h"
#include "services/testing/call.h"

#include "platform/base/clock.h"
#include "platform/pb/wire/timestamp.h"
#include "questline/audit/v1/names.h"
#include "questline/processing/v1/server.h"
#include "questline/user/v1/names.h"

/* The claims are read and the signature is not: a publisher's, with "evt":"monster.*". */
#define GRANTING_TOKEN                                                                             \
    "e30."                                                                                         \
    "eyJpc3MiOiJ1c2VyIiwic3ViIjoic2VydmVyIiwiYXVkIjoicXVlc3RsaW5lIiwicm9sZS"                       \
    "I6InB1Ymxpc2hlciIsImlhdCI6MSwiZXhwIjoyLCJldnQiOiJtb25zdGVyLioifQ"                             \
    ".e30"

#define EVENT_ID "0190C5F2-8A51-7CC3-9D0E-5B1F4C3A2E11"

static void event_fill(struct fixture *f, PublishedEvent *ret_event)
{
    PublishedEvent_init(ret_event);
    ret_event->event_id = (char *)EVENT_ID;
    ret_event->event_type = (char *)"monster.killed";
    ret_event->user_id = f->user;
}

static enum ql_code publish(struct fixture *f, PublishedEvent *const *events, size_t n_events,
                            PublishEventsResponse *ret_out)
{
    PublishEventsRequest in;

    ql_call_clear_status(&f->call);
    f->call.identity.role = QL_ROLE_PUBLISHER;
    f->call.authorization = GRANTING_TOKEN;
    PublishEventsRequest_init(&in);
    in.events = (PublishedEvent **)events;
    in.n_events = n_events;
    PublishEventsResponse_init(ret_out);
    return test_rpc(&f->call, PublishService_PublishEvents_method, &in, ret_out);
}

static enum ql_code publish_one(struct fixture *f, PublishedEvent *event)
{
    PublishEventsResponse out;

    return publish(f, &event, 1, &out);
}

static void assert_refused(struct fixture *f, PublishedEvent *event, const char *field)
{
    assert_int_equal(publish_one(f, event), QL_INVALID_ARGUMENT);
    assert_string_equal(f->call.status.violations[0].field, field);
    assert_int_equal(ql_pg_test_int64("SELECT count(*) FROM outbox"), 0);
}

static void test_events_are_taken_in_order_under_their_own_keys(void **state)
{
    struct fixture *f = *state;
    PublishedEvent first, second, *const events[] = {&first, &second};
    PublishEventsResponse out;

    event_fill(f, &first);
    event_fill(f, &second);
    second.event_id = (char *)"0190c5f2-8a51-4cc3-9d0e-5b1f4c3a2e12";
    second.event_type = (char *)"monster.boss.killed";
    assert_int_equal(publish(f, events, 2, &out), QL_OK);
    assert_int_equal(out.accepted, 2);
    assert_int_equal(ql_pg_test_int64("SELECT count(*) FROM outbox WHERE event_id = '" EVENT_ID
                                      "' AND routing_key = 'custom.monster.killed'"),
                     1);
    assert_int_equal(ql_pg_test_int64("SELECT count(*) FROM outbox a JOIN outbox b ON a.id < b.id "
                                      "WHERE b.routing_key = 'custom.monster.boss.killed'"),
                     1);
}

static void test_what_was_taken_counts_once(void **state)
{
    static const char *const types[] = {"monster.killed"};
    struct fixture *f = *state;
    struct ql_delivery batch[3];
    PublishedEvent event;
    Quest quest;

    quest_fill(&quest, f->quest, 1, 1, 5);
    quest.event_types = (char **)types;
    quest.n_event_types = 1;
    event_quest_changed(f, &batch[0], &quest);
    must_evaluate(f, batch, 1);
    event_fill(f, &event);
    for (int i = 0; i < 2; i++)
        assert_int_equal(publish_one(f, &event), QL_OK);
    for (int i = 0; i < 2; i++) {
        memset(&batch[i], 0, sizeof(batch[i]));
        batch[i].event = (struct ql_event){.event_id = "0190c5f2-8a51-7cc3-9d0e-5b1f4c3a2e11",
                                           .type = "monster.killed",
                                           .user_id = f->user,
                                           .occurred_ms = ql_unix_ms(),
                                           .traceparent = "",
                                           .body_type = "google.protobuf.Struct",
                                           .body = ""};
    }
    must_evaluate(f, batch, 2);
    assert_int_equal(
        ql_pg_test_int64("SELECT count(*) FROM events WHERE event_type = 'monster.killed'"), 1);
    assert_int_equal(
        ql_pg_test_int64("SELECT count(*) FROM events WHERE event_type = 'QuestCompleted'"), 1);
}

static void test_a_bad_event_names_its_field_and_nothing_is_taken(void **state)
{
    static const char *const reserved[] = {EVENT_USER_SIGN_IN, EVENT_QUEST_COMPLETED,
                                           EVENT_ADMIN_ACTED,  "monster",
                                           "Monster.killed",   ""};
    struct fixture *f = *state;
    PublishedEvent good, bad, *const events[] = {&good, &bad};
    PublishEventsResponse out;

    event_fill(f, &good);
    for (size_t i = 0; i < QL_ARRAY_LENGTH(reserved); i++) {
        event_fill(f, &bad);
        bad.event_type = (char *)reserved[i];
        assert_int_equal(publish(f, events, 2, &out), QL_INVALID_ARGUMENT);
        assert_string_equal(f->call.status.violations[0].field, "events[1].eventType");
        assert_int_equal(ql_pg_test_int64("SELECT count(*) FROM outbox"), 0);
    }
    event_fill(f, &bad);
    bad.event_id = (char *)"0190c5f2-8a51-8cc3-9d0e-5b1f4c3a2e11"; /* as of a completion */
    assert_refused(f, &bad, "events[0].eventId");
    bad.event_id = (char *)"";
    assert_refused(f, &bad, "events[0].eventId");
    event_fill(f, &bad);
    bad.user_id = (char *)"me";
    assert_refused(f, &bad, "events[0].userId");
}

static void test_times_far_ahead_or_long_ago_are_refused(void **state)
{
    static const int64_t minute_ms = 60 * 1000;
    struct fixture *f = *state;
    PublishedEvent event;

    event_fill(f, &event);
    event.occurred_at = ql_timestamp_new(&f->call, ql_unix_ms() + 6 * minute_ms);
    assert_refused(f, &event, "events[0].occurredAt");
    event.occurred_at = ql_timestamp_new(&f->call, 946684799999); /* 1999 */
    assert_refused(f, &event, "events[0].occurredAt");
    event.occurred_at = ql_timestamp_new(&f->call, ql_unix_ms() + 4 * minute_ms);
    assert_int_equal(publish_one(f, &event), QL_OK);
}

static void test_a_type_that_is_not_granted_is_refused_with_all_the_rest(void **state)
{
    struct fixture *f = *state;
    PublishedEvent good, foreign, *const events[] = {&good, &foreign};
    PublishEventsResponse out;

    event_fill(f, &good);
    event_fill(f, &foreign);
    foreign.event_type = (char *)"arena.won";
    assert_int_equal(publish(f, events, 2, &out), QL_PERMISSION_DENIED);
    assert_string_equal(f->call.status.reason, "EVENT_TYPE_NOT_GRANTED");
    assert_int_equal(ql_pg_test_int64("SELECT count(*) FROM outbox"), 0);
}

static void test_a_thousand_are_taken_and_no_more(void **state)
{
    enum { MANY = 1001 };
    struct fixture *f = *state;
    PublishedEvent *events[MANY];
    PublishEventsResponse out;

    for (size_t i = 0; i < MANY; i++) {
        events[i] = ql_arena_alloc(f->arena, sizeof(*events[i]));
        assert_non_null(events[i]);
        event_fill(f, events[i]);
        events[i]->event_id = ql_arena_alloc(f->arena, QL_UUID_SIZE);
        assert_non_null(events[i]->event_id);
        ql_uuid_new(events[i]->event_id);
    }
    assert_int_equal(publish(f, events, MANY, &out), QL_INVALID_ARGUMENT);
    assert_string_equal(f->call.status.violations[0].field, "events");
    assert_int_equal(publish(f, events, 0, &out), QL_INVALID_ARGUMENT);
    assert_int_equal(publish(f, events, MANY - 1, &out), QL_OK);
    assert_int_equal(ql_pg_test_int64("SELECT count(*) FROM outbox"), MANY - 1);
}

static void set_account(struct fixture *f, char last_digit)
{
    snprintf(f->call.identity.subject, sizeof(f->call.identity.subject),
             "0190c5f2-8a51-7cc3-9d0e-00000000000%c", last_digit);
}

/* As the relay and the broker bring it. */
static void event_arrives(struct fixture *f, char account, const char *body, size_t length,
                          struct ql_delivery *ret)
{
    memset(ret, 0, sizeof(*ret));
    ret->event = (struct ql_event){
        .event_id = "0190c5f2-8a51-7cc3-9d0e-5b1f4c3a2e11",
        .type = "monster.killed",
        .user_id = f->user,
        .account_id =
            account == '\0'
                ? ""
                : ql_arena_printf(f->arena, "0190c5f2-8a51-7cc3-9d0e-00000000000%c", account),
        .occurred_ms = ql_unix_ms(),
        .traceparent = "",
        .body_type = google__protobuf__struct__descriptor.name,
        .body = body,
        .body_length = length};
}

#define ORC "\x0a\x0d\x0a\x04kind\x12\x05\x1a\x03orc"
#define ELF                                                                                        \
    "\x0a\x0d\x0a\x04kind\x12\x05\x1a\x03"                                                         \
    "elf"

static void test_ids_are_an_accounts_own(void **state)
{
    struct fixture *f = *state;
    struct ql_delivery batch[4];

    event_arrives(f, '1', ORC, 15, &batch[0]);
    event_arrives(f, '2', ELF, 15, &batch[1]); /* another account's */
    event_arrives(f, '1', ORC, 15, &batch[2]); /* again */
    event_arrives(f, '1', ELF, 15, &batch[3]); /* something else under the same id */
    must_evaluate(f, batch, QL_ARRAY_LENGTH(batch));
    assert_int_equal(COUNT("events"), 2);
    for (size_t i = 0; i < 3; i++)
        assert_string_equal(batch[i].reject_reason, "");
    assert_string_equal(batch[3].reject_reason, "EVENT_ID_TAKEN");
    for (size_t i = 0; i < QL_ARRAY_LENGTH(batch); i++) {
        event_arrives(f, i == 1 ? '2' : '1', i == 1 || i == 3 ? ELF : ORC, 15, &batch[i]);
        must_evaluate(f, &batch[i], 1); /* found in the table */
        assert_string_equal(batch[i].reject_reason, i == 3 ? "EVENT_ID_TAKEN" : "");
    }
    assert_int_equal(COUNT("events"), 2);
}

static void test_event_of_an_earlier_release_is_known_to_every_account(void **state)
{
    struct fixture *f = *state;
    struct ql_delivery delivery;

    event_arrives(f, '\0', ORC, 15, &delivery);
    must_evaluate(f, &delivery, 1);
    ql_pg_test_exec("ALTER TABLE events DISABLE TRIGGER events_are_append_only;"
                    "UPDATE events SET contents = NULL;"
                    "ALTER TABLE events ENABLE ALWAYS TRIGGER events_are_append_only");
    event_arrives(f, '1', ORC, 15, &delivery);
    must_evaluate(f, &delivery, 1);
    assert_int_equal(COUNT("events"), 1);
    assert_string_equal(delivery.reject_reason, "");
}

static void test_repeated_events_differ_from_new_ones(void **state)
{
    struct fixture *f = *state;
    PublishedEvent first, again, other, *const events[] = {&first, &again, &other};
    struct ql_delivery delivery;
    PublishEventsResponse out;

    set_account(f, '1');
    event_fill(f, &first);
    event_fill(f, &again);
    event_fill(f, &other);
    other.event_id = (char *)"0190c5f2-8a51-7cc3-9d0e-5b1f4c3a2e12";
    assert_int_equal(publish(f, events, 3, &out), QL_OK);
    assert_int_equal(out.accepted, 2);
    assert_int_equal(out.known, 1);
    assert_int_equal(COUNT("outbox"), 2);
    event_arrives(f, '1', "", 0, &delivery);
    must_evaluate(f, &delivery, 1);
    assert_int_equal(publish(f, events, 2, &out), QL_OK);
    assert_int_equal(out.accepted, 0);
    assert_int_equal(out.known, 2);
    assert_int_equal(COUNT("outbox"), 2);
    set_account(f, '2');
    assert_int_equal(publish(f, events, 1, &out), QL_OK);
    assert_int_equal(out.accepted, 1); /* its own */
}

static void test_an_id_with_other_contents_is_refused_by_its_index(void **state)
{
    struct fixture *f = *state;
    PublishedEvent first, second, *const events[] = {&second, &first, &first};
    PublishedEvent changed, *const conflict[] = {&second, &first, &changed};
    struct ql_delivery delivery;
    PublishEventsResponse out;

    set_account(f, '1');
    event_fill(f, &first);
    event_fill(f, &second);
    event_fill(f, &changed);
    changed.user_id = f->quest;
    second.event_id = (char *)"0190c5f2-8a51-7cc3-9d0e-5b1f4c3a2e12";
    assert_int_equal(publish(f, conflict, 3, &out), QL_ALREADY_EXISTS);
    assert_string_equal(f->call.status.reason, "EVENT_ID_TAKEN");
    assert_non_null(strstr(f->call.status.message, "events[2]"));
    event_arrives(f, '1', ORC, 15, &delivery);
    must_evaluate(f, &delivery, 1);
    assert_int_equal(publish(f, events, 3, &out), QL_ALREADY_EXISTS);
    assert_non_null(strstr(f->call.status.message, "events[1]"));
    assert_int_equal(COUNT("outbox"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_open, fixture_close)
        TEST(test_events_are_taken_in_order_under_their_own_keys),
        TEST(test_what_was_taken_counts_once),
        TEST(test_a_bad_event_names_its_field_and_nothing_is_taken),
        TEST(test_times_far_ahead_or_long_ago_are_refused),
        TEST(test_a_type_that_is_not_granted_is_refused_with_all_the_rest),
        TEST(test_a_thousand_are_taken_and_no_more),
        TEST(test_ids_are_an_accounts_own),
        TEST(test_event_of_an_earlier_release_is_known_to_every_account),
        TEST(test_repeated_events_differ_from_new_ones),
        TEST(test_an_id_with_other_contents_is_refused_by_its_index),
#undef TEST
    };

    fixture_migrate();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
