/* A probe is a sleep that the reaper cancels when it releases the aio. */
#include "platform/rpc/reaper.h"

#include <stdatomic.h>
#include <stdint.h>
#include <nng/nng.h>

#include "platform/base/clock.h"
#include "platform/base/log.h"

enum { SLEEP_MS = 24 * 3600 * 1000, EVERY_MS = 1000 };

static _Atomic int64_t asked_ms; /* 0: no probe is under way */
static _Atomic int64_t answered_ms;
static atomic_bool is_reported;

static void probe_released(void *argument)
{
    (void)argument;
    atomic_store(&answered_ms, ql_monotonic_ms());
    atomic_store(&asked_ms, 0);
}

void qli_reaper_probe(void)
{
    int64_t none = 0, now_ms = ql_monotonic_ms();
    nng_aio *probe;

    if (now_ms - atomic_load(&answered_ms) < EVERY_MS ||
        !atomic_compare_exchange_strong(&asked_ms, &none, now_ms))
        return;
    if (nng_aio_alloc(&probe, probe_released, NULL) != 0) {
        atomic_store(&asked_ms, 0);
        return;
    }
    nng_sleep_aio(SLEEP_MS, probe);
    nng_aio_reap(probe);
}

bool qli_reaper_is_probed(void)
{
    return atomic_load(&asked_ms) != 0;
}

bool qli_reaper_is_stuck(void)
{
    int64_t since_ms = atomic_load(&asked_ms);

    if (since_ms == 0 || ql_monotonic_ms() - since_ms < QLI_REAPER_ANSWER_MS)
        return false;
    if (!atomic_exchange(&is_reported, true))
        QL_LOG(QL_LOG_ERROR, NULL, QL_TEXT("event", "nng_reaper_stuck"));
    return true;
}
