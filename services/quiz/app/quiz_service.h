/* The quiz service's process: what its handlers share. */
#ifndef QL_QUIZ_APP_QUIZ_SERVICE_H
#define QL_QUIZ_APP_QUIZ_SERVICE_H

#include "platform/readside/read_side.h"
#include "platform/service/service.h"

/* What the read side holds: quizzes as players see them, and figures beside them. */
enum { QUIZ_READS_QUIZZES, QUIZ_READS_FIGURES, QUIZ_READS_KINDS };

struct ql_reflector;

struct quiz_service {
    struct ql_service_parts parts;  /* first: call->app serves both; parts.pg is for commands */
    struct ql_read_side reads;      /* for queries */
    struct ql_reflector *reflector; /* keeps them in step; NULL: none */

    char *pg_read_url;    /* QL_PG_READ_URL */
    char *amqp_watch_url; /* QL_AMQP_WATCH_URL; "": parts.amqp_url */
    int64_t cache_max;    /* QL_QUIZ_CACHE_MAX */
    int64_t grace_ms;     /* QL_QUIZ_GRACE: attempts take answers so long behind a deadline */

    const char *publish_since; /* --announce-again's; NULL: ever */
};

extern const struct ql_setting quiz_service_settings[];
const struct ql_pg_migration *quiz_service_migrations(void);

#endif
