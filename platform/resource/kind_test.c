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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_new_resource_has_an_id_and_revision_one, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(
            test_next_revision_has_the_next_number_and_the_creation_stays, setup, teardown),
        cmocka_unit_test_setup_teardown(test_unknown_fields_are_dropped_however_deep, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_resource_without_a_creation_time_is_one_too, setup,
                                        teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
