/* Test of a context whose receive fails for no reason of the peer's. */
#include "platform/rpc/server/context.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <nng/nng.h>
#include <nng/protocol/reqrep0/rep.h>

#include "platform/base/clock.h"

/* nng's timeout stands in for the failure: an aio that had slept would call it a
 * success without a message. */
static void receive_and_fail(struct qli_context *context)
{
    context->phase = QLI_CONTEXT_RECEIVING;
    nng_aio_set_timeout(context->aio, 1);
    nng_ctx_recv(context->ctx, context->aio);
    nng_aio_wait(context->aio);
    assert_int_equal(nng_aio_result(context->aio), NNG_ETIMEDOUT);
}

static void test_slot_receives_again_after_each_pause(void **state)
{
    struct qli_context_shared shared = {.n_taken = 0};
    struct qli_context context = {.shared = NULL};
    nng_socket socket;

    (void)state;
    assert_int_equal(nng_rep0_open(&socket), 0);
    assert_int_equal(qli_context_open(&context, socket, &shared), 0);
    for (int i = 0; i < 3; i++) {
        int64_t began_ms = ql_monotonic_ms();

        receive_and_fail(&context);
        assert_non_null(context.timer);
        nng_aio_wait(context.timer);
        assert_true(ql_monotonic_ms() - began_ms >= 20);
        assert_int_equal(context.phase, QLI_CONTEXT_RECEIVING);
        nng_aio_cancel(context.aio);
        nng_aio_wait(context.aio);
    }
    nng_close(socket);
    qli_context_close(&context);
}

static void test_slot_that_pauses_can_be_closed(void **state)
{
    struct qli_context_shared shared = {.n_taken = 0};
    struct qli_context context = {.shared = NULL};
    nng_socket socket;

    (void)state;
    assert_int_equal(nng_rep0_open(&socket), 0);
    assert_int_equal(qli_context_open(&context, socket, &shared), 0);
    receive_and_fail(&context);
    nng_close(socket);
    qli_context_close(&context);
    assert_int_equal(context.phase, QLI_CONTEXT_IDLE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_slot_receives_again_after_each_pause),
        cmocka_unit_test(test_slot_that_pauses_can_be_closed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
