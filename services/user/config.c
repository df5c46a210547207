/* The user service's own settings. */
#include "services/user/user_service.h"

#include <stddef.h>

#define AT(field) offsetof(struct user_service, settings.field)

enum { SECOND_MS = 1000 };
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
     .help = "how long a refresh token that was replaced is answered with the same next one",
     .min = 0,
     .max = 60 * SECOND_MS},
    {0},
};
