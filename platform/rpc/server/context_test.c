/* Test of a slot whose receive fails for no reason of the peer's. */
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
static void receive_and_fail(struct qli_slot *slot)
{
    slot->phase = QLI_SLOT_RECEIVING;
    nng_aio_set_timeout(slot->aio, 1);
    nng_ctx_recv(slot->ctx, slot->aio);
    nng_aio_wait(slot->aio);
    assert_int_equal(nng_aio_result(slot->aio), NNG_ETIMEDOUT);
}

static void test_slot_receives_again_after_each_pause(void **state)
{
    struct ql_rpc_server server = {.n_slots = 0};
    struct qli_slot slot = {.server = NULL};

    (void)state;
    assert_int_equal(nng_rep0_open(&server.socket), 0);
    assert_int_equal(qli_slot_open(&slot, &server), 0);
    for (int i = 0; i < 3; i++) {
        int64_t began_ms = ql_monotonic_ms();

        receive_and_fail(&slot);
        assert_non_null(slot.timer);
        nng_aio_wait(slot.timer);
        assert_true(ql_monotonic_ms() - began_ms >= 20);
        assert_int_equal(slot.phase, QLI_SLOT_RECEIVING);
        nng_aio_cancel(slot.aio);
        nng_aio_wait(slot.aio);
    }
    nng_close(server.socket);
    qli_slot_close(&slot);
}

static void test_slot_that_pauses_can_be_closed(void **state)
{
    struct ql_rpc_server server = {.n_slots = 0};
    struct qli_slot slot = {.server = NULL};

    (void)state;
    assert_int_equal(nng_rep0_open(&server.socket), 0);
    assert_int_equal(qli_slot_open(&slot, &server), 0);
    receive_and_fail(&slot);
    nng_close(server.socket);
    qli_slot_close(&slot);
    assert_int_equal(slot.phase, QLI_SLOT_IDLE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_slot_receives_again_after_each_pause),
        cmocka_unit_test(test_slot_that_pauses_can_be_closed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
