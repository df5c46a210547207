/* A service, assembled: what main.c of every service says in one table.
 *
 * It puts the modules together in the order that loses nothing: ops, database
 * pool, relay, the service's own start and threads, RPC server, consumers; and back. */
#ifndef QL_SERVICE_SERVICE_H
#define QL_SERVICE_SERVICE_H

#include <stdbool.h>

#include "platform/auth/signer.h"
#include "platform/auth/verifier.h"
#include "platform/base/digest.h"
#include "platform/base/settings.h"
#include "platform/events/consumer.h"
#include "platform/limits/limits.h"
#include "platform/outbox/outbox.h"
#include "platform/outbox/relay.h"
#include "platform/pg/migration.h"
#include "platform/pg/pg.h"
#include "platform/process/process.h"
#include "platform/redis/redis.h"
#include "platform/rpc/client/channel.h"
#include "platform/rpc/server/method.h"
#include "platform/service/thread.h"

enum { QL_SERVICE_CALLS_MAX = 4, QL_SERVICE_COMMANDS_MAX = 8 };

/* A service that this one calls. */
struct ql_service_callee {
    const char *name; /* NULL: none, and none behind it */
    struct ql_rpc_channel *channel;
};

/* What every service has once it is started; first member of its app struct, so
 * that call->app serves both. */
struct ql_service_parts {
    const char *name;
    bool is_local;
    struct ql_pg_pool *pg;            /* QL_PG_URL */
    struct ql_signer *signer;         /* QL_KEY_FILE */
    struct ql_verifier *verifier;     /* QL_JWKS_FILE */
    struct ql_digest_key page_secret; /* from the key: what page tokens are sealed with */
    struct ql_limits *limits;         /* of clients; NULL in commands */
    struct ql_redis *redis;           /* QL_REDIS_URL; NULL unless needs_redis */
    struct ql_relay *relay;
    struct qli_threads *threads;                            /* see ql_service_wake */
    struct ql_service_callee callees[QL_SERVICE_CALLS_MAX]; /* see ql_service_channel */
    const char *amqp_url;                                   /* QL_AMQP_URL, for looking at queues */
};

/* Commits as ql_pg_commit, and wakes the relay for what the transaction has put into the
 * outbox. The call's app begins with the service's parts. */
enum ql_code ql_service_commit(struct ql_call *call, struct ql_pg_tx **tx) QL_MUST_CHECK;

/* The channel to a service that this one calls, by the name under which `calls` lists it;
 * NULL for any other, and in commands. It lives as long as the parts; any thread. */
struct ql_rpc_channel *ql_service_channel(const struct ql_service_parts *parts, const char *name);

/* Ends the pause of the service's thread of this name, so that its next turn is at once; one
 * under way is followed by another. Nothing happens without such a thread, as in commands. Any
 * thread; never blocks. */
void ql_service_wake(const struct ql_service_parts *parts, const char *name);

/* A flag of the service's own beside --migrate and --seed-demo. */
struct ql_service_command {
    const char *flag; /* "--rebuild-read-model"; NULL ends a list */
    const char *help;
    /* With pool, Redis and keys, without relay, RPC and the service's start. */
    enum ql_code (*run)(struct ql_call *call, void *app);
    const char **ret_argument;        /* where the word behind the flag goes; NULL: it takes none */
    const char *option;               /* a further flag that may stand behind it; NULL: none */
    bool *ret_has_option;             /* whether it does; may be NULL */
    const char **ret_option_argument; /* where the word behind that goes; NULL: it takes none */
};

struct ql_service {
    const char *name;                           /* "arena" */
    const struct ql_setting *settings;          /* the service's own, or NULL */
    void *settings_target;                      /* what they fill */
    struct ql_service_parts *app;               /* the service's struct, which begins with these */
    const struct ql_pg_migration *migrations;   /* its own; the platform's are added */
    const struct ql_rpc_method *const *methods; /* lists, ended with NULL */
    struct ql_rpc_refusal heavy_full; /* to calls beyond QL_HEAVY_QUEUE; zero: SERVER_BUSY */
    const struct ql_subscription *subscriptions; /* one for each queue of its package, or NULL */
    ql_relay_chore *const *chores; /* beside those of the platform; ended with NULL, or NULL */
    const struct ql_service_thread *threads; /* may be NULL */
    bool needs_redis;                        /* gives it QL_REDIS_URL and parts.redis */
    /* The services that it calls: each gives it the setting QL_<NAME>_ADDRESS and a channel,
     * which ql_service_channel returns. */
    const char *calls[QL_SERVICE_CALLS_MAX];
    /* NULL, or why the process is not ready yet although it runs; any thread, must
     * not block. May be NULL. RPC calls are served all the same. */
    const char *(*not_ready)(void *app);
    enum ql_code (*start)(struct ql_call *call, void *app); /* after pool and relay; may be NULL */
    void (*stop)(void *app); /* may be NULL; also after a start that failed half-way */
    enum ql_code (*seed_demo)(struct ql_call *call, void *app); /* for --seed-demo, idempotent */
    const struct ql_service_command *commands; /* at most QL_SERVICE_COMMANDS_MAX, or NULL */
};

#endif
