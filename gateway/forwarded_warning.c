/* One line an hour about a proxy that is not in QL_TRUSTED_PROXIES. */
#include "gateway/forwarded_warning.h"

#include "platform/base/address.h"
#include "platform/base/clock.h"
#include "platform/base/log.h"

enum { HOUR_MS = 60 * 60 * 1000 };

bool forwarded_warning_is_due(struct forwarded_warning *warning, int64_t now_ms)
{
    int64_t due_ms = atomic_load(&warning->due_ms);

    return now_ms >= due_ms &&
           atomic_compare_exchange_strong(&warning->due_ms, &due_ms, now_ms + HOUR_MS);
}

void forwarded_warning_give(struct forwarded_warning *warning, const char *peer)
{
    char shown[QL_SHOWN_ADDRESS_SIZE];

    if (!forwarded_warning_is_due(warning, ql_monotonic_ms()))
        return;
    (void)ql_log_offer(
        QL_LOG_WARN, NULL,
        (const struct ql_log_field[]){
            QL_TEXT("event", "proxy not trusted"),
            QL_TEXT("address", ql_address_shown(peer, shown)),
            QL_TEXT("setting", "QL_TRUSTED_PROXIES"),
            QL_TEXT("detail", "X-Forwarded-For is ignored as no proxy is trusted: clients behind "
                              "this address count as one; if it is your proxy, add it"),
            {.kind = QL_LOG_END},
        });
}
