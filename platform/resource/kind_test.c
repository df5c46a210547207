/* Claims about the fields that every resource has. */
#include "platform/resource/kind.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "platform/pb/schema/message.h"
#include "questline/catalog/v1/names.h"
#include "platform/resource/item.h"

#define ID "018f0000-0000-7000-8000-000000000001"

static int setup(void **state)
{
    static struct ql_call call;
    struct ql_arena *arena = ql_arena_new(64 * 1024);

    if (arena == NULL)
        return -1;
    ql_call_init(&call, arena, "test", 10000);
    *state = &call;
    return 0;
}

static int teardown(void **state)
{
    struct ql_call *call = *state;

    ql_arena_free(call->arena);
    return 0;
}

static void test_new_resource_has_an_id_and_revision_one(void **state)
{
    struct ql_resource_head head;
    Quest quest;

    Quest_init(&quest);
    quest.archived = 1;
    assert_int_equal(ql_resource_begin(*state, &quest.base, ID), QL_OK);
    head = ql_resource_head_of(&quest.base);
    assert_string_equal(head.id, ID);
    assert_int_equal(head.revision, 1);
    assert_string_equal(head.etag, "1");
    assert_true(head.revised_ms > 0);
    assert_false(head.is_archived);
    assert_ptr_equal(quest.created_at, quest.revised_at);
}

static void test_next_revision_has_the_next_number_and_the_creation_stays(void **state)
{
    struct ql_call *call = *state;
    Google__Protobuf__Timestamp *created_at;
    Quest quest;

    Quest_init(&quest);
    assert_int_equal(ql_resource_begin(call, &quest.base, ID), QL_OK);
    created_at = quest.created_at;
    assert_int_equal(ql_resource_revise(call, &quest.base), QL_OK);
    assert_int_equal(ql_resource_head_of(&quest.base).revision, 2);
    assert_string_equal(quest.etag, "2");
    assert_ptr_equal(quest.created_at, created_at);
    assert_ptr_not_equal(quest.revised_at, created_at);
}

static void test_resource_without_a_creation_time_is_one_too(void **state)
{
    Reward reward;

    Reward_init(&reward);
    assert_int_equal(ql_resource_begin(*state, &reward.base, ID), QL_OK);
    assert_string_equal(reward.reward_id, ID);
    ql_resource_set_archived(&reward.base);
    assert_true(ql_resource_head_of(&reward.base).is_archived);
}

/* As a client of a later release sends it: field 100 of the quest and of a condition. */
static void test_unknown_fields_are_dropped_however_deep(void **state)
{
    static const uint8_t known[] = {0x5a, 0x03, 0x0a, 0x01, 'f'};
    static const uint8_t bytes[] = {0x5a, 0x06, 0x0a, 0x01, 'f', 0xa0,
                                    0x06, 0x01, 0xa0, 0x06, 0x01};
    struct ql_resource_item item;
    Quest *quest;

    assert_int_equal(ql_message_unpack(*state, &Quest_descriptor, bytes, sizeof(bytes), &quest),
                     QL_OK);
    ql_resource_drop_unknown(&quest->base);
    assert_int_equal(ql_resource_item_encode(*state, &quest->base, &item), QL_OK);
    assert_int_equal(item.length, sizeof(known));
    assert_memory_equal(item.bytes, known, sizeof(known));
}

/* A resource whose end is a state, as a message of a later contract may have it. */
struct note {
    ProtobufCMessage base;
    char *note_id;
    int64_t revision;
    Google__Protobuf__Timestamp *revised_at;
    int state;
    char *etag;
};

static const ProtobufCEnumValue states[] = {{"DRAFT", "DRAFT", 1}, {"ARCHIVED", "ARCHIVED", 3}};
static const ProtobufCEnumValueIndex states_by_name[] = {{"ARCHIVED", 1}, {"DRAFT", 0}};
static const ProtobufCEnumDescriptor state_type = {
    .n_values = 2, .values = states, .n_value_names = 2, .values_by_name = states_by_name};
static const ProtobufCFieldDescriptor note_fields[] = {
    {.name = "note_id", .id = 1, .offset = offsetof(struct note, note_id)},
    {.name = "revision", .id = 2, .offset = offsetof(struct note, revision)},
    {.name = "revised_at", .id = 3, .offset = offsetof(struct note, revised_at)},
    {.name = "state", .id = 4, .offset = offsetof(struct note, state), .descriptor = &state_type},
    {.name = "etag", .id = 5, .offset = offsetof(struct note, etag)},
};
static const unsigned note_fields_by_name[] = {4, 0, 2, 1, 3};
static const ProtobufCMessageDescriptor note_type = {.sizeof_message = sizeof(struct note),
                                                     .n_fields = 5,
                                                     .fields = note_fields,
                                                     .fields_sorted_by_name = note_fields_by_name};

static void test_state_may_stand_for_archived(void **state)
{
    struct note note = {.base = {.descriptor = &note_type}, .state = 1, .etag = (char *)""};

    assert_int_equal(ql_resource_begin(*state, &note.base, ID), QL_OK);
    assert_int_equal(note.state, 1);
    assert_false(ql_resource_head_of(&note.base).is_archived);
    ql_resource_set_archived(&note.base);
    assert_int_equal(note.state, 3);
    assert_true(ql_resource_head_of(&note.base).is_archived);
}

static void test_text_of_encoded_bytes_is_compared_as_a_whole(void **state)
{
    struct ql_resource_item item;
    Quest quest;

    Quest_init(&quest);
    quest.name = (char *)"daily";
    quest.description = (char *)"a\xc3\xa4";
    assert_int_equal(ql_resource_item_encode(*state, &quest.base, &item), QL_OK);
    assert_true(ql_resource_item_has_text(item.bytes, item.length, 3, "daily"));
    assert_true(ql_resource_item_has_text(item.bytes, item.length, 4, "a\xc3\xa4"));
    assert_false(ql_resource_item_has_text(item.bytes, item.length, 3, "dail"));
    assert_false(ql_resource_item_has_text(item.bytes, item.length, 3, "daily "));
    assert_false(ql_resource_item_has_text(item.bytes, item.length, 4, "daily"));
    assert_false(ql_resource_item_has_text(item.bytes, item.length, 15, "daily"));
    assert_false(ql_resource_item_has_text(NULL, 0, 3, "daily"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_new_resource_has_an_id_and_revision_one, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(
            test_next_revision_has_the_next_number_and_the_creation_stays, setup, teardown),
        cmocka_unit_test_setup_teardown(test_unknown_fields_are_dropped_however_deep, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_state_may_stand_for_archived, setup, teardown),
        cmocka_unit_test_setup_teardown(test_text_of_encoded_bytes_is_compared_as_a_whole, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_resource_without_a_creation_time_is_one_too, setup,
                                        teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
