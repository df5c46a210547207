/* Tests of ReflectionService: what it returns, and to whom. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "platform/base/log.h"
#include "platform/pb/schema/schema.h"
#include "platform/rpc/testing/foreign_fixture.h"
#include "questline/catalog/v1/names.h"
#include "questline/rpc/v1/names.h"

#define METHOD_REFLECT ReflectionService_GetDescriptorSet

static struct service_fixture app, local;
static struct foreign foreign;
static Reply *reply;

static const Result *reflect(const struct service_fixture *service, const char *token)
{
    foreign_init(&foreign);
    foreign.request.n_calls = 0;
    foreign_add(&foreign, METHOD_REFLECT, token, NULL);
    reply_free(reply);
    reply = foreign_exchange(service->address, &foreign.request);
    assert_non_null(reply_result(reply, 1));
    return reply_result(reply, 1);
}

static void assert_refused(const char *token, enum ql_code code, const char *reason)
{
    const Result *result = reflect(&app, token);

    assert_non_null(result->status);
    assert_int_equal(result->status->code, code);
    assert_string_equal(result->status->reason, reason);
}

static bool is_served(const GetDescriptorSetResponse *out, const char *method)
{
    for (size_t i = 0; i < out->n_methods; i++) {
        if (strcmp(out->methods[i], method) == 0)
            return true;
    }
    return false;
}

static void assert_returned(const Result *result)
{
    GetDescriptorSetResponse *out;

    assert_null(result->status);
    out = GetDescriptorSetResponse_unpack(NULL, result->payload.len, result->payload.data);
    assert_non_null(out);
    assert_string_equal(out->service, "user");
    assert_int_equal(out->descriptor_set.len, ql_descriptor_set_length);
    assert_memory_equal(out->descriptor_set.data, ql_descriptor_set, ql_descriptor_set_length);
    assert_true(is_served(out, METHOD_GET_USER));
    assert_true(is_served(out, METHOD_CHECK_HEALTH));
    assert_true(is_served(out, METHOD_REFLECT));
    assert_false(is_served(out, QuestCommandService_CreateQuest));
    protobuf_c_message_free_unpacked(&out->base, NULL);
}

static void test_administrators_and_services_learn_the_contract(void **state)
{
    (void)state;
    assert_returned(reflect(&app, app.keys.admin_token));
    assert_returned(reflect(&app, app.keys.service_token));
}

static void test_others_learn_nothing(void **state)
{
    (void)state;
    assert_refused("", QL_UNAUTHENTICATED, "TOKEN_MISSING");
    assert_refused(app.keys.user_token, QL_PERMISSION_DENIED, "ROLE_NOT_ALLOWED");
    assert_refused("forged", QL_UNAUTHENTICATED, "TOKEN_MALFORMED");
}

static void test_anybody_learns_it_in_local_mode(void **state)
{
    (void)state;
    assert_returned(reflect(&local, ""));
    assert_returned(reflect(&local, app.keys.user_token));
}

static void test_local_mode_opens_nothing_else(void **state)
{
    const Result *result;

    (void)state;
    foreign_init(&foreign);
    foreign.request.n_calls = 0;
    foreign_add_get_user(&foreign, "", FIXTURE_USER_ID);
    foreign_add(&foreign, METHOD_LIST_USERS, app.keys.user_token, NULL);
    reply_free(reply);
    reply = foreign_exchange(local.address, &foreign.request);
    result = reply_result(reply, 1);
    assert_int_equal(result->status->code, QL_UNAUTHENTICATED);
    result = reply_result(reply, 2);
    assert_int_equal(result->status->code, QL_PERMISSION_DENIED);
}

static int set_up(void **state)
{
    (void)state;
    ql_log_redirect(open("/dev/null", O_WRONLY));
    keys_set_up(&app.keys);
    local.keys = app.keys;
    local.is_local = true;
    service_start(&app, 1, 0);
    service_start(&local, 1, 0);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    reply_free(reply);
    service_stop(&app);
    service_stop(&local);
    keys_tear_down(&app.keys);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_administrators_and_services_learn_the_contract),
        cmocka_unit_test(test_others_learn_nothing),
        cmocka_unit_test(test_anybody_learns_it_in_local_mode),
        cmocka_unit_test(test_local_mode_opens_nothing_else),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
