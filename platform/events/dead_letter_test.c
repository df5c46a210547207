/* Tests of dead letters, with a real broker. */
#include "platform/events/dead_letter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform/base/attributes.h"
#include "platform/base/id.h"
#include "platform/events/dead_letter_headers.h"
#include "platform/events/publisher.h"
#include "platform/events/testing/broker.h"
#include "questline/processing/v1/names.h"
#include "questline/user/v1/names.h"

#define QUEUE QUEUE_USER
#define KEY   EVENT_QUEST_COMPLETED_KEY

struct fixture {
    struct broker broker;
    struct ql_arena *arena;
    struct ql_call call;
    const struct ql_queue *queue;
    struct broker_message got;
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    if (f == NULL)
        return -1;
    broker_open(&f->broker);
    f->arena = ql_arena_new(64 << 20);
    assert_non_null(f->arena);
    ql_call_init(&f->call, f->arena, "test", BROKER_WAIT_MS);
    f->queue = ql_queue_find(QUEUE);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    broker_close(&f->broker);
    ql_arena_free(f->arena);
    free(f);
    return 0;
}

static int compare(const void *left, const void *right)
{
    return strcmp(left, right);
}

/* Puts n messages aside, as the consumer does; their ids, sorted, into ret_ids. */
static void bury(struct fixture *f, size_t n, size_t length, char ret_ids[][QL_UUID_SIZE])
{
    struct ql_publisher *publisher = ql_publisher_new(broker_url(), "test");
    struct ql_message_out *messages = ql_arena_calloc(f->arena, n, sizeof(*messages));
    struct qli_dead_letter_headers *letters = ql_arena_calloc(f->arena, n, sizeof(*letters));

    assert_non_null(publisher);
    assert_true(messages != NULL && letters != NULL);
    for (size_t i = 0; i < n; i++)
        ql_uuid_new(ret_ids[i]);
    qsort(ret_ids, n, sizeof(*ret_ids), compare);
    for (size_t i = 0; i < n; i++) {
        uint8_t *bytes = ql_arena_calloc(f->arena, 1, length);

        assert_non_null(bytes);
        memcpy(bytes, &i, sizeof(i));
        messages[i] = (struct ql_message_out){.event_id = ret_ids[i],
                                              .type = EVENT_QUEST_COMPLETED,
                                              .routing_key = f->queue->dead_letter_key,
                                              .bytes = bytes,
                                              .length = length};
        letters[i] = (struct qli_dead_letter_headers){.reason = "QUEST_UNKNOWN",
                                                      .text = "nobody knows it",
                                                      .routing_key = KEY,
                                                      .account = "ql_processing"};
    }
    assert_int_equal(qli_publisher_publish(&f->call, publisher, QL_EXCHANGE, messages, letters, n),
                     QL_OK);
    ql_publisher_free(publisher);
}

static size_t list(struct fixture *f, const struct ql_dead_letter_choice *choice,
                   struct ql_dead_letter **ret_letters, bool *ret_has_more)
{
    size_t n;

    assert_int_equal(ql_dead_letters_list(&f->call, broker_url(), f->queue, choice, ret_letters, &n,
                                          ret_has_more),
                     QL_OK);
    return n;
}

static size_t count(struct fixture *f)
{
    struct ql_dead_letter *letters;
    bool has_more;

    return list(f,
                &(struct ql_dead_letter_choice){.after_id = "", .n_max = 500, .bytes_max = 1 << 24},
                &letters, &has_more);
}

static void test_letters_are_listed_with_why_in_one_order_and_stay(void **state)
{
    struct fixture *f = *state;
    char ids[3][QL_UUID_SIZE];
    struct ql_dead_letter *letters;
    bool has_more;

    bury(f, 3, 16, ids);
    for (int round = 0; round < 3; round++) {
        assert_int_equal(
            list(f,
                 &(struct ql_dead_letter_choice){.after_id = "", .n_max = 10, .bytes_max = 1 << 20},
                 &letters, &has_more),
            3);
        assert_false(has_more);
        for (size_t i = 0; i < 3; i++)
            assert_string_equal(letters[i].dead_letter_id, ids[i]);
    }
    assert_string_equal(letters[0].type, EVENT_QUEST_COMPLETED);
    assert_string_equal(letters[0].routing_key, KEY);
    assert_string_equal(letters[0].reason, "QUEST_UNKNOWN");
    assert_string_equal(letters[0].text, "nobody knows it");
    assert_int_equal(letters[0].length, 16);
    assert_int_equal(letters[0].original_length, 16);
}

static void test_pages_join_without_a_gap_and_bytes_end_one_early(void **state)
{
    struct fixture *f = *state;
    char ids[5][QL_UUID_SIZE];
    struct ql_dead_letter *letters;
    bool has_more;

    bury(f, 5, 1000, ids);
    assert_int_equal(
        list(f, &(struct ql_dead_letter_choice){.after_id = "", .n_max = 2, .bytes_max = 1 << 20},
             &letters, &has_more),
        2);
    assert_true(has_more);
    assert_int_equal(list(f,
                          &(struct ql_dead_letter_choice){.after_id = letters[1].dead_letter_id,
                                                          .n_max = 9,
                                                          .bytes_max = 1 << 20},
                          &letters, &has_more),
                     3);
    assert_false(has_more);
    assert_string_equal(letters[0].dead_letter_id, ids[2]);
    assert_int_equal(
        list(f, &(struct ql_dead_letter_choice){.after_id = "", .n_max = 9, .bytes_max = 1500},
             &letters, &has_more),
        1);
    assert_true(has_more);
}

static void test_one_is_found_by_its_id_in_any_case_of_letters(void **state)
{
    struct fixture *f = *state;
    char ids[3][QL_UUID_SIZE], upper[QL_UUID_SIZE];
    struct ql_dead_letter *letters;
    bool has_more;

    bury(f, 3, 16, ids);
    for (size_t i = 0; i < sizeof(upper); i++)
        upper[i] = (char)(ids[1][i] >= 'a' && ids[1][i] <= 'f' ? ids[1][i] - 32 : ids[1][i]);
    assert_int_equal(
        list(f,
             &(struct ql_dead_letter_choice){
                 .dead_letter_id = upper, .after_id = "", .n_max = 2, .bytes_max = 1 << 20},
             &letters, &has_more),
        1);
    assert_string_equal(letters[0].dead_letter_id, ids[1]);
    assert_memory_equal(letters[0].bytes, "\1", 1);
}

static void test_replayed_letter_lies_in_its_queue_under_its_key(void **state)
{
    struct fixture *f = *state;
    char ids[3][QL_UUID_SIZE];
    size_t n;

    bury(f, 3, 16, ids);
    broker_tap(&f->broker, "tap", "#", 0);
    assert_int_equal(ql_dead_letters_replay(&f->call, broker_url(), f->queue, ids[1], &n), QL_OK);
    assert_int_equal(n, 1);
    broker_take(&f->broker, QUEUE, &f->got);
    assert_string_equal(f->got.message_id, ids[1]);
    assert_string_equal(f->got.routing_key, KEY);
    assert_string_equal(f->got.type, EVENT_QUEST_COMPLETED);
    assert_int_equal(f->got.length, 16);
    assert_int_equal(count(f), 2);
    assert_false(broker_try_get(&f->broker, "tap", &f->got));
    assert_int_equal(ql_dead_letters_replay(&f->call, broker_url(), f->queue, ids[1], &n), QL_OK);
    assert_int_equal(n, 0);
}

static void test_all_are_replayed_in_order(void **state)
{
    enum { MANY = 150 };
    static char ids[MANY][QL_UUID_SIZE];
    struct fixture *f = *state;
    size_t n;

    bury(f, MANY, 16, ids);
    assert_int_equal(ql_dead_letters_replay(&f->call, broker_url(), f->queue, NULL, &n), QL_OK);
    assert_int_equal(n, MANY);
    assert_int_equal(count(f), 0);
    for (size_t i = 0; i < MANY; i++) {
        broker_take(&f->broker, QUEUE, &f->got);
        assert_string_equal(f->got.message_id, ids[i]);
    }
}

static void test_more_letters_than_are_sent_ahead_are_all_seen_and_stay(void **state)
{
    enum { MANY = 700 };
    static char ids[MANY][QL_UUID_SIZE];
    struct fixture *f = *state;
    struct ql_dead_letter *letters;
    bool has_more;

    bury(f, MANY, 16, ids);
    for (int round = 0; round < 2; round++) {
        assert_int_equal(
            list(f, &(struct ql_dead_letter_choice){.after_id = "", .n_max = 9, .bytes_max = 1500},
                 &letters, &has_more),
            9);
        assert_true(has_more);
        assert_string_equal(letters[8].dead_letter_id, ids[8]);
        assert_int_equal(list(f,
                              &(struct ql_dead_letter_choice){.dead_letter_id = ids[MANY - 1],
                                                              .after_id = "",
                                                              .n_max = 9,
                                                              .bytes_max = 1500},
                              &letters, &has_more),
                         1);
    }
}

/* Somebody else holds letters that were counted, or takes them meanwhile. */
static void test_letters_that_somebody_else_has_are_not_waited_for(void **state)
{
    struct fixture *f = *state;
    char ids[20][QL_UUID_SIZE];

    bury(f, 20, 16, ids);
    for (int i = 0; i < 5; i++) {
        amqp_rpc_reply_t reply = amqp_basic_get(f->broker.connection.state, QLI_CHANNEL,
                                                amqp_cstring_bytes(f->queue->dead_letter), 0);
        amqp_message_t got;

        assert_int_equal(reply.reply.id, AMQP_BASIC_GET_OK_METHOD);
        reply = amqp_read_message(f->broker.connection.state, QLI_CHANNEL, &got, 0);
        assert_int_equal(reply.reply_type, AMQP_RESPONSE_NORMAL);
        amqp_destroy_message(&got);
    }
    assert_int_equal(count(f), 15);
}

static void test_cut_letter_is_not_replayed_and_stays(void **state)
{
    struct fixture *f = *state;
    char ids[1][QL_UUID_SIZE];
    size_t n;

    bury(f, 1, QL_EVENT_MAX_BYTES + 2, ids);
    assert_int_equal(ql_dead_letters_replay(&f->call, broker_url(), f->queue, ids[0], &n),
                     QL_FAILED_PRECONDITION);
    assert_string_equal(f->call.status.reason, "DEAD_LETTER_CUT");
    ql_call_clear_status(&f->call);
    assert_int_equal(ql_dead_letters_replay(&f->call, broker_url(), f->queue, NULL, &n), QL_OK);
    assert_int_equal(n, 0);
    assert_int_equal(count(f), 1);
}

static void test_dropped_letter_is_gone_and_the_others_are_not(void **state)
{
    struct fixture *f = *state;
    char ids[3][QL_UUID_SIZE];
    struct ql_dead_letter *letters;
    bool has_more;
    size_t n;

    bury(f, 3, 16, ids);
    assert_int_equal(ql_dead_letters_drop(&f->call, broker_url(), f->queue, ids[0], &n), QL_OK);
    assert_int_equal(n, 1);
    assert_int_equal(
        list(f, &(struct ql_dead_letter_choice){.after_id = "", .n_max = 9, .bytes_max = 1 << 20},
             &letters, &has_more),
        2);
    assert_string_equal(letters[0].dead_letter_id, ids[1]);
    assert_int_equal(ql_dead_letters_drop(&f->call, broker_url(), f->queue, NULL, &n), QL_OK);
    assert_int_equal(n, 2);
    assert_int_equal(count(f), 0);
    assert_int_equal(broker_count(&f->broker, QUEUE), 0);
}

static void test_letter_without_an_id_is_named_by_its_bytes(void **state)
{
    struct fixture *f = *state;
    struct ql_dead_letter *letters;
    char id[QL_UUID_SIZE];
    bool has_more;
    size_t n;

    for (int i = 0; i < 2; i++) {
        amqp_bytes_t body = amqp_cstring_bytes(i == 0 ? "garbage" : "other garbage");

        assert_int_equal(
            amqp_basic_publish(f->broker.connection.state, QLI_CHANNEL, amqp_empty_bytes,
                               amqp_cstring_bytes(f->queue->dead_letter), 0, 0, NULL, body),
            AMQP_STATUS_OK);
    }
    while (count(f) < 2)
        broker_wait_a_little();
    assert_int_equal(
        list(f, &(struct ql_dead_letter_choice){.after_id = "", .n_max = 9, .bytes_max = 1 << 20},
             &letters, &has_more),
        2);
    assert_true(ql_uuid_is_valid(letters[0].dead_letter_id));
    assert_string_not_equal(letters[0].dead_letter_id, letters[1].dead_letter_id);
    assert_string_equal(letters[0].reason, "FOREIGN_LETTER");
    snprintf(id, sizeof(id), "%s", letters[1].dead_letter_id);
    assert_int_equal(ql_dead_letters_drop(&f->call, broker_url(), f->queue, id, &n), QL_OK);
    assert_int_equal(n, 1);
    assert_int_equal(count(f), 1);
}

/* A letter as anybody forges it who can have it delivered there. */
static void forge(struct fixture *f, const char *id, const char *author, const char *more_keys)
{
    amqp_table_entry_t entries[3];
    amqp_basic_properties_t properties;

    memset(&properties, 0, sizeof(properties));
    memset(entries, 0, sizeof(entries));
    entries[0].key = amqp_cstring_bytes("x-reason");
    entries[0].value.value.bytes = amqp_cstring_bytes("CATALOG_UNAVAILABLE");
    entries[1].key = amqp_cstring_bytes("x-original-account");
    entries[1].value.value.bytes = amqp_cstring_bytes("ql_processing");
    entries[2].key = amqp_cstring_bytes("x-original-routing-key");
    entries[2].value.value.bytes = amqp_cstring_bytes(KEY);
    for (size_t i = 0; i < QL_ARRAY_LENGTH(entries); i++)
        entries[i].value.kind = AMQP_FIELD_KIND_UTF8;
    properties._flags = AMQP_BASIC_MESSAGE_ID_FLAG | AMQP_BASIC_HEADERS_FLAG;
    properties.message_id = amqp_cstring_bytes(id);
    properties.headers.num_entries = (int)QL_ARRAY_LENGTH(entries);
    properties.headers.entries = entries;
    if (author != NULL) {
        properties._flags |= AMQP_BASIC_USER_ID_FLAG;
        properties.user_id = amqp_cstring_bytes(author);
    }
    if (more_keys != NULL) {
        amqp_field_value_t key = {.kind = AMQP_FIELD_KIND_UTF8};

        key.value.bytes = amqp_cstring_bytes(more_keys);
        entries[0].key = amqp_cstring_bytes("CC");
        entries[0].value.kind = AMQP_FIELD_KIND_ARRAY;
        entries[0].value.value.array = (amqp_array_t){.num_entries = 1, .entries = &key};
    }
    assert_int_equal(
        amqp_basic_publish(
            f->broker.connection.state, QLI_CHANNEL, amqp_cstring_bytes(QL_EXCHANGE),
            amqp_cstring_bytes(more_keys != NULL ? "dead.nobody" : f->queue->dead_letter_key), 0, 0,
            &properties, amqp_cstring_bytes("forged")),
        AMQP_STATUS_OK);
}

static void test_letter_that_the_service_did_not_write_is_only_dropped(void **state)
{
    struct fixture *f = *state;
    char ids[1][QL_UUID_SIZE], forged[2][QL_UUID_SIZE];
    struct ql_dead_letter *letters;
    bool has_more;
    size_t n;

    bury(f, 1, 16, ids);
    ql_uuid_new(forged[0]);
    ql_uuid_new(forged[1]);
    forge(f, forged[0], /* author= */ NULL, /* more_keys= */ NULL);
    forge(f, forged[1], f->broker.connection.account, f->queue->dead_letter_key);
    forge(f, ids[0], NULL, NULL);
    while (count(f) < 4)
        broker_wait_a_little();
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(
            list(f,
                 &(struct ql_dead_letter_choice){
                     .dead_letter_id = forged[i], .after_id = "", .n_max = 9, .bytes_max = 1 << 20},
                 &letters, &has_more),
            1);
        assert_string_equal(letters[0].reason, "FOREIGN_LETTER");
        assert_int_equal(ql_dead_letters_replay(&f->call, broker_url(), f->queue, forged[i], &n),
                         QL_FAILED_PRECONDITION);
        assert_string_equal(f->call.status.reason, "DEAD_LETTER_FOREIGN");
        assert_int_equal(n, 0);
        ql_call_clear_status(&f->call);
    }
    /* The genuine one goes back, also beside a forged one of the same id. */
    assert_int_equal(ql_dead_letters_replay(&f->call, broker_url(), f->queue, ids[0], &n), QL_OK);
    assert_int_equal(n, 1);
    assert_int_equal(ql_dead_letters_replay(&f->call, broker_url(), f->queue, NULL, &n), QL_OK);
    assert_int_equal(n, 0);
    assert_int_equal(broker_count(&f->broker, QUEUE), 1);
    assert_int_equal(ql_dead_letters_drop(&f->call, broker_url(), f->queue, NULL, &n), QL_OK);
    assert_int_equal(n, 3);
}

static void test_broker_that_is_away_is_unavailable(void **state)
{
    struct fixture *f = *state;
    size_t n;

    assert_int_equal(
        ql_dead_letters_drop(&f->call, "amqp://guest:guest@127.0.0.1:1/%2f", f->queue, NULL, &n),
        QL_UNAVAILABLE);
    assert_string_equal(f->call.status.reason, "BROKER_UNAVAILABLE");
    assert_int_equal(n, 0);
}

#define CLAIM(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(test_letters_are_listed_with_why_in_one_order_and_stay),
        CLAIM(test_pages_join_without_a_gap_and_bytes_end_one_early),
        CLAIM(test_one_is_found_by_its_id_in_any_case_of_letters),
        CLAIM(test_replayed_letter_lies_in_its_queue_under_its_key),
        CLAIM(test_all_are_replayed_in_order),
        CLAIM(test_more_letters_than_are_sent_ahead_are_all_seen_and_stay),
        CLAIM(test_letters_that_somebody_else_has_are_not_waited_for),
        CLAIM(test_cut_letter_is_not_replayed_and_stays),
        CLAIM(test_dropped_letter_is_gone_and_the_others_are_not),
        CLAIM(test_letter_without_an_id_is_named_by_its_bytes),
        CLAIM(test_letter_that_the_service_did_not_write_is_only_dropped),
        CLAIM(test_broker_that_is_away_is_unavailable),
    };

    if (broker_url() == NULL)
        return 77;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
