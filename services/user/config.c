/* The user service's own settings. */
#include "services/user/user_service.h"

#include <stddef.h>

#define AT(field) offsetof(struct user_service, settings.field)

enum { SECOND_MS = 1000, FAILURES_MAX = 1000000 };
#define DAY_MS (86400LL * SECOND_MS)

const struct ql_setting user_settings[] = {
    {.key = "QL_SESSION_IDLE",
     .type = QL_SETTING_DURATION,
     .offset = AT(sessions.idle_ms),
     .fallback = "720h",
     .help = "how long a session lives without a refresh",
     .min = SECOND_MS,
     .max = 3650 * DAY_MS},
    {.key = "QL_SESSION_LIFE",
     .type = QL_SETTING_DURATION,
     .offset = AT(sessions.life_ms),
     .fallback = "2160h",
     .help = "how long a session lives altogether",
     .min = SECOND_MS,
     .max = 3650 * DAY_MS},
    {.key = "QL_REFRESH_GRACE",
     .type = QL_SETTING_DURATION,
     .offset = AT(sessions.grace_ms),
     .fallback = "10s",
     .help =
         "how long a refresh token that was replaced is answered, and the newest is not replaced",
     .min = 0,
     .max = 60 * SECOND_MS},
    {.key = "QL_SIGN_IN_WINDOW",
     .type = QL_SETTING_DURATION,
     .offset = AT(throttle.window_ms),
     .fallback = "15m",
     .help = "how long failed sign-ins are counted together, from the first one on",
     .min = SECOND_MS,
     .max = DAY_MS},
    {.key = "QL_SIGN_IN_FAILURES",
     .type = QL_SETTING_INT,
     .offset = AT(throttle.limits[THROTTLE_PAIR]),
     .fallback = "10",
     .help = "failed sign-ins of one account at one address, before further ones are refused",
     .min = 1,
     .max = FAILURES_MAX},
    {.key = "QL_SIGN_IN_FAILURES_PER_ADDRESS",
     .type = QL_SETTING_INT,
     .offset = AT(throttle.limits[THROTTLE_ADDRESS]),
     .fallback = "100",
     .help = "the same of one address, whatever the account",
     .min = 1,
     .max = FAILURES_MAX},
    {.key = "QL_SIGN_IN_FAILURES_PER_ACCOUNT",
     .type = QL_SETTING_INT,
     .offset = AT(throttle.limits[THROTTLE_ACCOUNT]),
     .fallback = "50",
     .help = "the same of one account, whatever the address; spares addresses it is signed in at",
     .min = 1,
     .max = FAILURES_MAX},
    {0},
};
