/* The quiz service's process: what its handlers share. */
#ifndef QL_QUIZ_APP_QUIZ_SERVICE_H
#define QL_QUIZ_APP_QUIZ_SERVICE_H

#include "platform/service/service.h"

struct quiz_service {
    struct ql_service_parts parts; /* first: call->app serves both; parts.pg is for commands */

    char *pg_read_url; /* QL_PG_READ_URL */
    int64_t grace_ms;  /* QL_QUIZ_GRACE: attempts take answers so long behind their deadline */
};

extern const struct ql_setting quiz_service_settings[];
const struct ql_pg_migration *quiz_service_migrations(void);

#endif
