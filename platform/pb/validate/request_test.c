/* Claims about requests: the contract's own, and updates by their masks. */
#include "platform/pb/validate/request.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "platform/pb/validate/contract_check.h"
#include "questline/catalog/v1/names.h"
#include "questline/user/v1/names.h"

#define QUEST_ID "0190c5f2-8a51-7cc3-9d0e-5b1f4c3a2e11"

static struct ql_call call;
static struct ql_arena *arena;

static int setup(void **state)
{
    (void)state;
    arena = ql_arena_new(1024 * 1024);
    return arena == NULL ? -1 : 0;
}

static int teardown(void **state)
{
    (void)state;
    ql_arena_free(arena);
    return 0;
}

static enum ql_code validate(const char *name, const ProtobufCMessage *request)
{
    const struct ql_method *method = ql_schema_method(ql_schema_embedded(), name);
    struct ql_request_rules rules;
    char error[256] = "";

    ql_arena_reset(arena);
    ql_call_init(&call, arena, "test", 1000);
    assert_non_null(method);
    if (!ql_request_rules_read(method, request->descriptor, &rules, error, sizeof(error)))
        fail_msg("%s", error);
    return ql_request_validate(&call, &rules, request);
}

static enum ql_code update(Quest *quest, const char *const *paths, size_t n_paths)
{
    Google__Protobuf__FieldMask mask = GOOGLE__PROTOBUF__FIELD_MASK__INIT;
    UpdateQuestRequest in;

    UpdateQuestRequest_init(&in);
    in.quest = quest;
    mask.paths = (char **)(uintptr_t)paths;
    mask.n_paths = n_paths;
    in.update_mask = n_paths == 0 ? NULL : &mask;
    return validate("questline.catalog.v1.QuestCommandService/UpdateQuest", &in.base);
}

static void assert_named(size_t n, const char *field, const char *reason)
{
    assert_int_equal(call.status.n_violations, n);
    assert_string_equal(call.status.violations[n - 1].field, field);
    assert_string_equal(call.status.violations[n - 1].reason, reason);
}

static void test_the_contract_can_be_enforced(void **state)
{
    char error[256] = "";

    (void)state;
    if (!ql_contract_check(ql_schema_embedded(), error, sizeof(error)))
        fail_msg("%s", error);
}

static void test_an_empty_sign_in_names_both_fields(void **state)
{
    CreateSessionRequest in;

    (void)state;
    CreateSessionRequest_init(&in);
    assert_int_equal(validate("questline.user.v1.SessionService/CreateSession", &in.base),
                     QL_INVALID_ARGUMENT);
    assert_string_equal(call.status.violations[0].field, "userName");
    assert_named(2, "password", "REQUIRED");
}

static void test_an_update_need_not_be_whole(void **state)
{
    static const char *const name[] = {"name"}, *const all[] = {"*"};
    Quest quest;

    (void)state;
    Quest_init(&quest);
    quest.quest_id = (char *)QUEST_ID;
    assert_int_equal(update(&quest, name, 1), QL_OK);
    assert_int_equal(update(&quest, all, 1), QL_OK);
    assert_int_equal(update(&quest, NULL, 0), QL_OK);
}

static void test_what_is_updated_has_to_be_said(void **state)
{
    Quest quest;

    (void)state;
    assert_int_equal(update(NULL, NULL, 0), QL_INVALID_ARGUMENT);
    assert_named(1, "quest", "REQUIRED");
    Quest_init(&quest);
    assert_int_equal(update(&quest, NULL, 0), QL_INVALID_ARGUMENT);
    assert_named(1, "quest.questId", "REQUIRED");
    quest.quest_id = (char *)"x";
    assert_int_equal(update(&quest, NULL, 0), QL_INVALID_ARGUMENT);
    assert_named(1, "quest.questId", "NOT_A_UUID");
}

static void test_a_draft_is_checked_by_its_handler(void **state)
{
    CheckQuestRequest in;
    Quest quest;

    (void)state;
    CheckQuestRequest_init(&in);
    assert_int_equal(validate("questline.catalog.v1.QuestCommandService/CheckQuest", &in.base),
                     QL_INVALID_ARGUMENT);
    assert_named(1, "quest", "REQUIRED");
    Quest_init(&quest);
    in.quest = &quest;
    assert_int_equal(validate("questline.catalog.v1.QuestCommandService/CheckQuest", &in.base),
                     QL_OK);
    assert_int_equal(ql_validate(&call, "quest", &quest.base), QL_INVALID_ARGUMENT);
    assert_string_equal(call.status.violations[0].field, "quest.rewardId");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_contract_can_be_enforced),
        cmocka_unit_test(test_an_empty_sign_in_names_both_fields),
        cmocka_unit_test(test_an_update_need_not_be_whole),
        cmocka_unit_test(test_what_is_updated_has_to_be_said),
        cmocka_unit_test(test_a_draft_is_checked_by_its_handler),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
