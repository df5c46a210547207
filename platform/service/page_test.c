/* Claims about pages of lists. */
#include "platform/service/page.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "platform/service/service.h"
#include "questline/user/v1/names.h"

static struct ql_service_parts parts;

static int setup(void **state)
{
    static struct ql_call call;
    struct ql_arena *arena = ql_arena_new(64 * 1024);

    if (arena == NULL)
        return -1;
    ql_digest_key_new(&parts.page_secret);
    ql_call_init(&call, arena, "questline.v1.Lists/ListThings", 10000);
    call.app = &parts;
    snprintf(call.identity.subject, sizeof(call.identity.subject), "somebody");
    *state = &call;
    return 0;
}

static int teardown(void **state)
{
    struct ql_call *call = *state;

    ql_arena_free(call->arena);
    return 0;
}

static enum ql_code read_page(struct ql_call *call, const char *token, const char *user_id,
                              int32_t size, struct ql_page *ret_page)
{
    ListClaimsRequest in;

    ListClaimsRequest_init(&in);
    in.user_id = (char *)(uintptr_t)user_id;
    in.page_size = size;
    in.page_token = (char *)(uintptr_t)token;
    ql_call_clear_status(call);
    return ql_page_read(call, &in, QL_PAGE_SIZE_DEFAULT, ret_page);
}

static void assert_refused(struct ql_call *call, const char *token, const char *user_id)
{
    struct ql_page page;

    assert_int_equal(read_page(call, token, user_id, 0, &page), QL_INVALID_ARGUMENT);
    assert_string_equal(call->status.reason, "INVALID_PAGE_TOKEN");
    assert_int_equal(call->status.n_violations, 1);
    assert_string_equal(call->status.violations[0].field, "pageToken");
}

static void test_page_size_zero_is_the_default(void **state)
{
    static const struct {
        int32_t asked;
        int expected;
    } cases[] = {{0, 50}, {1, 1}, {200, 200}};

    for (size_t i = 0; i < QL_ARRAY_LENGTH(cases); i++) {
        struct ql_page page;

        assert_int_equal(read_page(*state, "", "u", cases[i].asked, &page), QL_OK);
        assert_int_equal(page.n_rows, cases[i].expected);
    }
}

static void test_the_first_page_begins_before_every_row(void **state)
{
    struct ql_page page;

    assert_int_equal(read_page(*state, "", "u", 0, &page), QL_OK);
    assert_true(page.is_first);
    assert_int_equal(ql_page_after_number(&page), 0);
    assert_string_equal(ql_page_after_uuid(&page), "00000000-0000-0000-0000-000000000000");
}

static void test_a_token_goes_on_behind_its_row_with_pages_of_any_size(void **state)
{
    static const char uuid[] = "0190c5f2-8a51-7cc3-9d0e-5b1f4c3a2e11";
    static const int64_t numbers[] = {0, 7, INT64_MAX};
    struct ql_call *call = *state;
    struct ql_page first, page;
    char *token, *again;
    size_t length = 0;

    assert_int_equal(read_page(call, "", "u", 10, &first), QL_OK);
    assert_int_equal(ql_page_token(call, &first, uuid, &token), QL_OK);
    assert_null(strstr(token, uuid));
    assert_int_equal(read_page(call, token, "u", 20, &page), QL_OK);
    assert_false(page.is_first);
    assert_string_equal(ql_page_after_uuid(&page), uuid);
    for (size_t i = 0; i < QL_ARRAY_LENGTH(numbers); i++) {
        assert_int_equal(ql_page_token_number(call, &page, numbers[i], &token), QL_OK);
        assert_true(length == 0 || strlen(token) == length);
        length = strlen(token);
        assert_int_equal(read_page(call, token, "u", 0, &page), QL_OK);
        assert_int_equal(ql_page_after_number(&page), numbers[i]);
        assert_int_equal(ql_page_token_number(call, &page, numbers[i], &again), QL_OK);
        assert_string_equal(again, token);
    }
}

static void test_a_token_of_another_list_filter_caller_or_service_is_refused(void **state)
{
    struct ql_call *call = *state;
    struct ql_page page;
    char *token;

    assert_int_equal(read_page(call, "", "u", 0, &page), QL_OK);
    assert_int_equal(ql_page_token_number(call, &page, 7, &token), QL_OK);
    assert_refused(call, token, "v");
    call->method = "questline.v1.Lists/ListOthers";
    assert_refused(call, token, "u");
    call->method = "questline.v1.Lists/ListThings";
    snprintf(call->identity.subject, sizeof(call->identity.subject), "another");
    assert_refused(call, token, "u");
    snprintf(call->identity.subject, sizeof(call->identity.subject), "somebody");
    assert_int_equal(read_page(call, token, "u", 0, &page), QL_OK);
    ql_digest_key_new(&parts.page_secret);
    assert_refused(call, token, "u");
}

static void test_a_token_that_was_altered_or_made_up_is_refused(void **state)
{
    static const char *const made_up[] = {"7", "0190c5f2-8a51-7cc3-9d0e-5b1f4c3a2e11", "=", "\xff",
                                          "a b"};
    struct ql_call *call = *state;
    char *token, kept[QL_SEALED_TEXT_SIZE], longer[1000];
    struct ql_page page;
    size_t length;

    for (size_t i = 0; i < QL_ARRAY_LENGTH(made_up); i++)
        assert_refused(call, made_up[i], "u");
    memset(longer, 'A', sizeof(longer) - 1);
    longer[sizeof(longer) - 1] = '\0';
    assert_refused(call, longer, "u");
    assert_int_equal(read_page(call, "", "u", 0, &page), QL_OK);
    assert_int_equal(ql_page_token_number(call, &page, 7, &token), QL_OK);
    length = strlen(token);
    memcpy(kept, token, length + 1);
    for (size_t i = 0; i < length; i++) {
        ql_arena_reset(call->arena);
        memcpy(longer, kept, length + 1);
        longer[i] = longer[i] == 'A' ? 'B' : 'A';
        assert_refused(call, longer, "u");
    }
}

/* The first thing that is wrong gives the reason; all of them are named. */
static void test_a_bad_token_is_named_beside_other_fields(void **state)
{
    struct ql_call *call = *state;
    ListClaimsRequest in;
    struct ql_page page;

    ListClaimsRequest_init(&in);
    in.user_id = (char *)"u";
    in.page_token = (char *)"x";
    (void)ql_violate(call, "status", "is another one");
    assert_int_equal(ql_page_read(call, &in, QL_PAGE_SIZE_DEFAULT, &page), QL_INVALID_ARGUMENT);
    assert_string_equal(call->status.reason, "INVALID_FIELD");
    assert_int_equal(call->status.n_violations, 2);
    assert_string_equal(call->status.violations[0].field, "status");
    assert_string_equal(call->status.violations[1].field, "pageToken");
}

static void *balance_message(struct ql_call *call, const void *row)
{
    Balance *balance = ql_arena_alloc(call->arena, sizeof(*balance));

    if (balance == NULL)
        return NULL;
    Balance_init(balance);
    balance->balance = *(const int32_t *)row;
    return balance;
}

static void test_answer_has_as_many_rows_as_the_page(void **state)
{
    static const int32_t numbers[] = {7, 8, 9};
    const struct ql_page_rows rows = {numbers, 3, sizeof(*numbers), balance_message};
    const struct ql_page two = {.n_rows = 2}, four = {.n_rows = 4};
    GetWalletResponse out;
    size_t n_shown;

    GetWalletResponse_init(&out);
    assert_int_equal(ql_page_fill(*state, &two, &rows, &out, "balances", &n_shown), QL_OK);
    assert_int_equal(n_shown, 2);
    assert_int_equal(out.n_balances, 2);
    assert_int_equal(out.balances[1]->balance, 8);
    assert_int_equal(ql_page_fill(*state, &four, &rows, &out, "balances", &n_shown), QL_OK);
    assert_int_equal(n_shown, 3);
    assert_int_equal(ql_page_fill(*state, NULL, &rows, &out, "balances", &n_shown), QL_OK);
    assert_int_equal(out.n_balances, 3);
    assert_int_equal(out.balances[2]->balance, 9);
}

static void test_answer_that_finds_no_memory_fails(void **state)
{
    struct ql_call call = *(struct ql_call *)*state;
    QL_CLEANUP(ql_arena_freep) struct ql_arena *small = ql_arena_new(2 * sizeof(void *));
    static const int32_t number = 7;
    GetWalletResponse out;
    size_t n_shown;

    call.arena = small;
    GetWalletResponse_init(&out);
    assert_int_equal(
        ql_page_fill(&call, NULL,
                     &(const struct ql_page_rows){&number, 1, sizeof(number), balance_message},
                     &out, "balances", &n_shown),
        QL_RESOURCE_EXHAUSTED);
    assert_int_equal(out.n_balances, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_page_size_zero_is_the_default, setup, teardown),
        cmocka_unit_test_setup_teardown(test_the_first_page_begins_before_every_row, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_a_token_goes_on_behind_its_row_with_pages_of_any_size,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(
            test_a_token_of_another_list_filter_caller_or_service_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_token_that_was_altered_or_made_up_is_refused, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_a_bad_token_is_named_beside_other_fields, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_answer_has_as_many_rows_as_the_page, setup, teardown),
        cmocka_unit_test_setup_teardown(test_answer_that_finds_no_memory_fails, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
