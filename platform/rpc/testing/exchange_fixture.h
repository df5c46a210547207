/* For the tests of the server: a service, a request after another to it, and the reply of
 * the last one. A test program includes this once. */
#ifndef QL_RPC_EXCHANGE_FIXTURE_H
#define QL_RPC_EXCHANGE_FIXTURE_H

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "platform/base/log.h"
#include "platform/rpc/testing/foreign_fixture.h"

static struct service_fixture app;
static struct foreign foreign; /* the request in the making */
static Reply *reply;
static int silence; /* where the log goes */

static inline int exchange_begin(void **state)
{
    (void)state;
    memset(&foreign, 0, sizeof(foreign));
    foreign_init(&foreign);
    atomic_store(&app.n_executed, 0);
    return 0;
}

static inline int exchange_end(void **state)
{
    (void)state;
    if (reply != NULL)
        reply_free(reply);
    reply = NULL;
    return 0;
}

static inline const Result *exchange(uint64_t id)
{
    if (reply != NULL)
        reply_free(reply);
    reply = foreign_exchange(app.address, &foreign.request);
    assert_non_null(reply_result(reply, id));
    return reply_result(reply, id);
}

static inline void assert_failed(const Result *result, enum ql_code code, const char *reason)
{
    assert_non_null(result->status);
    assert_int_equal(result->status->code, code);
    assert_string_equal(result->status->reason, reason);
    assert_int_equal(result->payload.len, 0);
}

/* GetUser returned the user of that id. */
static inline void assert_user(const Result *result, const char *user_id)
{
    GetUserResponse *out;

    assert_null(result->status);
    out = GetUserResponse_unpack(NULL, result->payload.len, result->payload.data);
    assert_non_null(out);
    assert_string_equal(out->user->user_id, user_id);
    protobuf_c_message_free_unpacked(&out->base, NULL);
}

static inline int exchange_set_up(void **state)
{
    (void)state;
    silence = open("/dev/null", O_WRONLY);
    ql_log_redirect(silence);
    keys_set_up(&app.keys);
    service_start(&app, 4, 2);
    return 0;
}

static inline int exchange_tear_down(void **state)
{
    (void)state;
    service_stop(&app);
    keys_tear_down(&app.keys);
    return 0;
}

#define EXCHANGE_TEST(test) cmocka_unit_test_setup_teardown(test, exchange_begin, exchange_end)

#endif
