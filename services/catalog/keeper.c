/* The keeper's thread:
 *
 *   no feed:  open one -> begin a walk
 *   feed:     every TICK_MS ask for a proof and look at Redis, less often while nobody
 *             reads; between that walk on, and put what the feed shows
 *   trouble:  close the feed, pause, open another. The proofs in hand end by time. */
#include "services/catalog/keeper.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "platform/base/clock.h"
#include "platform/base/log.h"
#include "platform/base/metrics.h"
#include "platform/events/feed.h"
#include "services/catalog/query.h"
#include "services/catalog/walk.h"

#include "keeper_sql.h"

enum {
    TICK_MS = 100,
    IDLE_TICK_MS = 250, /* a proof is trusted for longer */
    IDLE_AFTER_MS = 2000,
    LOOK_MS = 2000, /* for the outbox; what comes late proves little and harms nobody */
    REDIS_MS = 200, /* for the model's state */
    STEP_MS = 5000, /* for a page of the walk, or a change */
    OPEN_MS = 10000,
    PAUSE_MIN_MS = 100,
    PAUSE_MAX_MS = 2000,
    LOG_EVERY_MS = 5000,
    ARENA_BYTES = 16 * 1024 * 1024,
};

struct keeper {
    struct catalog *app;
    struct ql_arena *arena;
    struct ql_feed *feed; /* NULL: none now */
    struct walk walk;
    bool is_loaded;     /* a walk has ended since the feed was opened */
    bool is_redis_true; /* so has one through Redis, and nothing was lost since */
    bool was_trusted;
    int64_t next_tick_ms, next_log_ms;
    pthread_t thread;
    _Atomic bool is_stopping;
};

static struct ql_metric metrics[] = {
    {.kind = QL_METRIC_GAUGE,
     .name = "ql_catalog_copy_entries",
     .help = "Entries of the copy in memory, by kind.",
     .label = "kind"},
    {.kind = QL_METRIC_GAUGE,
     .name = "ql_catalog_copy_bytes",
     .help = "Bytes of the copy in memory, by kind.",
     .label = "kind"},
    {.kind = QL_METRIC_GAUGE,
     .name = "ql_catalog_copy_age_ms",
     .help = "Milliseconds since the moment as of which the copy is proven; -1: never was."},
    {.kind = QL_METRIC_GAUGE,
     .name = "ql_catalog_read_model_proven",
     .help = "1 while this process answers from Redis what it does not hold, else 0."},
    {.kind = QL_METRIC_COUNTER,
     .name = "ql_catalog_copy_distrusted_total",
     .help = "Times the copy lost its trust: reads went to PostgreSQL."},
    {.kind = QL_METRIC_COUNTER,
     .name = "ql_catalog_walks_total",
     .help = "Walks through PostgreSQL that filled the copies or the read model."},
};

static void call_start(struct keeper *keeper, struct ql_call *call, int64_t timeout_ms)
{
    ql_arena_reset(keeper->arena);
    ql_call_init(call, keeper->arena, "catalog.keeper", timeout_ms);
    call->app = keeper->app;
}

static void complain(struct keeper *keeper, const struct ql_call *call)
{
    int64_t now_ms = ql_monotonic_ms();

    if (now_ms < keeper->next_log_ms)
        return;
    keeper->next_log_ms = now_ms + LOG_EVERY_MS;
    QL_LOG(QL_LOG_WARN, &call->trace, QL_TEXT("event", "copies cannot be kept"),
           QL_TEXT("reason", call->status.reason), QL_TEXT("message", call->status.message));
}

static void measure(struct keeper *keeper)
{
    struct catalog *app = keeper->app;
    int64_t now_ms = ql_monotonic_ms(), redis_ms = atomic_load(&app->redis_proven_ms);
    bool is_trusted = ql_copy_is_trusted(app->copies[0], now_ms);

    for (int kind = 0; kind < MODEL_KINDS; kind++) {
        const char *name = model_kinds[kind]->name;

        ql_metric_set(&metrics[0], name, (int64_t)ql_copy_count(app->copies[kind]));
        ql_metric_set(&metrics[1], name, (int64_t)ql_copy_bytes(app->copies[kind]));
    }
    ql_metric_set(&metrics[2], NULL, ql_copy_age_ms(app->copies[0], now_ms));
    ql_metric_set(&metrics[3], NULL, redis_ms != 0 && now_ms - redis_ms < CATALOG_TRUSTED_MS);
    if (keeper->was_trusted && !is_trusted)
        ql_metric_add(&metrics[4], NULL, 1);
    keeper->was_trusted = is_trusted;
}

/* Begins a walk through Redis too, when it answers: *ret_run is its run then. */
static void walk_anew(struct keeper *keeper, const char *run)
{
    keeper->is_redis_true = false;
    walk_begin(&keeper->walk, keeper->app, run);
    ql_metric_add(&metrics[5], NULL, 1);
}

/* Removes what was archived. Where that makes room for what had none, a walk for the
 * copies alone begins: the read model lacks nothing. */
static void sweep(struct keeper *keeper)
{
    bool may_fit = false;

    for (int kind = 0; kind < MODEL_KINDS; kind++) {
        ql_copy_sweep(keeper->app->copies[kind], ql_unix_ms());
        may_fit = may_fit || ql_copy_may_fit(keeper->app->copies[kind]);
    }
    if (!may_fit || keeper->walk.is_on || !keeper->is_loaded)
        return;
    walk_begin(&keeper->walk, keeper->app, "");
    ql_metric_add(&metrics[5], NULL, 1);
}

/* The run of Redis, "" while it is away. What it lacks begins a walk. */
static void look_at_redis(struct keeper *keeper, char ret_run[READ_MODEL_RUN_SIZE])
{
    bool is_whole = false;
    struct ql_call call;

    ret_run[0] = '\0';
    if (keeper->app->redis == NULL)
        return;
    call_start(keeper, &call, REDIS_MS);
    if (read_model_check(&call, keeper->app->redis, ret_run, &is_whole) != QL_OK)
        ret_run[0] = '\0';
    if (!is_whole)
        keeper->is_redis_true = false;
    if (ret_run[0] != '\0' && !keeper->is_redis_true && !keeper->walk.is_on && keeper->is_loaded)
        walk_anew(keeper, ret_run);
}

/* How old the oldest waiting change is; 0 when none waits. */
static enum ql_code look_at_outbox(struct ql_call *call, const struct catalog *app,
                                   int64_t *ret_age_ms)
{
    struct ql_pg_rows rows;
    enum ql_code rc;

    rc = ql_pg_look(call, app->parts.pg, &sql_outbox_oldest_change, NULL, 0, &rows);
    if (rc != QL_OK)
        return rc;
    /* A millisecond more for what rounding took. */
    *ret_age_ms = ql_pg_is_null(&rows, 0, 0) ? 0 : ql_pg_int64(&rows, 0, 0) + 1;
    return QL_OK;
}

/* False: the feed is broken. */
static bool ask_for_proof(struct keeper *keeper)
{
    struct ql_call call;
    int64_t now_ms, age_ms;

    call_start(keeper, &call, LOOK_MS);
    now_ms = ql_monotonic_ms();
    if (look_at_outbox(&call, keeper->app, &age_ms) != QL_OK) {
        complain(keeper, &call); /* no proof this time */
        return true;
    }
    if (ql_feed_ping(&call, keeper->feed, now_ms - age_ms) == QL_OK)
        return true;
    complain(keeper, &call);
    return false;
}

/* While nobody reads, a proof that comes late costs nobody a look at PostgreSQL. */
int64_t keeper_tick_ms(int64_t now_ms, int64_t read_ms)
{
    return now_ms - read_ms < IDLE_AFTER_MS ? TICK_MS : IDLE_TICK_MS;
}

static bool tick(struct keeper *keeper)
{
    int64_t now_ms = ql_monotonic_ms();
    char run[READ_MODEL_RUN_SIZE];

    keeper->next_tick_ms = now_ms + keeper_tick_ms(now_ms, atomic_load(&keeper->app->read_ms));
    sweep(keeper);
    measure(keeper);
    look_at_redis(keeper, run);
    return ask_for_proof(keeper);
}

/* A change goes to Redis first: what the copy may show the read model has too. */
static void put_change(struct keeper *keeper, struct ql_call *call, const struct ql_feed_news *news)
{
    struct catalog *app = keeper->app;
    struct ql_copy_item item;
    struct ql_event event;
    int kind;

    if (ql_feed_read_event(call, news, &event) != QL_OK) {
        complain(keeper, call); /* no service of ours sent that */
        return;
    }
    kind = model_kind_of(&event);
    if (kind < 0)
        return;
    if (model_kinds[kind]->from_event(call, &event, &item) != QL_OK) {
        complain(keeper, call);
        return;
    }
    if (app->redis != NULL &&
        read_model_put(call, app->redis, model_kinds[kind], &item, 1) != QL_OK)
        keeper->is_redis_true = keeper->walk.is_in_redis = false;
    ql_copy_change(app->copies[kind], &item, ql_unix_ms());
}

static void take_proof(struct keeper *keeper, int64_t as_of_ms)
{
    struct catalog *app = keeper->app;

    if (!keeper->is_loaded)
        return;
    for (int kind = 0; kind < MODEL_KINDS; kind++)
        ql_copy_prove(app->copies[kind], as_of_ms);
    if (keeper->is_redis_true)
        atomic_store(&app->redis_proven_ms, as_of_ms);
}

/* Puts what the feed shows, until its next tick or, with a walk under way, until it
 * shows nothing more. False: the feed is broken. */
static bool follow_feed(struct keeper *keeper)
{
    for (;;) {
        int64_t left_ms = keeper->next_tick_ms - ql_monotonic_ms();
        struct ql_feed_news news;
        struct ql_call call;

        call_start(keeper, &call, STEP_MS);
        if (ql_feed_next(&call, keeper->feed, keeper->walk.is_on || left_ms < 0 ? 0 : left_ms,
                         &news) != QL_OK) {
            complain(keeper, &call);
            return false;
        }
        if (news.kind == QL_FEED_EVENT)
            put_change(keeper, &call, &news);
        else if (news.kind == QL_FEED_PING)
            take_proof(keeper, news.number);
        else
            return true;
        if (left_ms <= 0 || keeper->is_stopping)
            return true;
    }
}

static bool walk_on(struct keeper *keeper)
{
    struct catalog *app = keeper->app;
    struct ql_call call;

    if (!keeper->walk.is_on)
        return true;
    call_start(keeper, &call, STEP_MS);
    if (walk_step(&call, &keeper->walk, app) != QL_OK) {
        complain(keeper, &call);
        return false;
    }
    if (keeper->walk.is_on)
        return true;
    keeper->is_loaded = true;
    if (keeper->walk.is_in_redis)
        keeper->is_redis_true = read_model_mark(&call, app->redis, keeper->walk.run) == QL_OK;
    return true;
}

static bool open_feed(struct keeper *keeper)
{
    const struct catalog *app = keeper->app;
    const char *url = app->amqp_feed_url;
    char run[READ_MODEL_RUN_SIZE];
    struct ql_call call;

    keeper->is_loaded = false;
    call_start(keeper, &call, OPEN_MS);
    if (url == NULL || url[0] == '\0')
        url = app->parts.amqp_url;
    if (ql_feed_open(&call, url, "catalog keeper", "catalog.*", &keeper->feed) != QL_OK) {
        complain(keeper, &call);
        return false;
    }
    look_at_redis(keeper, run);
    walk_anew(keeper, run);
    return true;
}

static bool keep(struct keeper *keeper)
{
    if (keeper->feed == NULL && !open_feed(keeper))
        return false;
    if (ql_monotonic_ms() >= keeper->next_tick_ms && !tick(keeper))
        return false;
    return walk_on(keeper) && follow_feed(keeper);
}

static void *keeper_thread(void *argument)
{
    struct keeper *keeper = argument;
    int64_t pause_ms = PAUSE_MIN_MS;

    while (!keeper->is_stopping) {
        if (keep(keeper)) {
            pause_ms = keeper->is_loaded ? PAUSE_MIN_MS : pause_ms;
            continue;
        }
        ql_feed_close(keeper->feed);
        keeper->feed = NULL;
        measure(keeper);
        (void)ql_sleep_ms(pause_ms, &keeper->is_stopping);
        pause_ms = pause_ms * 2 < PAUSE_MAX_MS ? pause_ms * 2 : PAUSE_MAX_MS;
    }
    ql_feed_close(keeper->feed);
    return NULL;
}

struct keeper *keeper_start(struct catalog *app)
{
    struct keeper *keeper = calloc(1, sizeof(*keeper));

    if (keeper == NULL)
        return NULL;
    query_metrics_register();
    ql_metrics_register(metrics, (int)QL_ARRAY_LENGTH(metrics));
    keeper->app = app;
    keeper->arena = ql_arena_new(ARENA_BYTES);
    if (keeper->arena == NULL ||
        pthread_create(&keeper->thread, NULL, keeper_thread, keeper) != 0) {
        ql_arena_free(keeper->arena);
        free(keeper);
        return NULL;
    }
    return keeper;
}

void keeper_stop(struct keeper *keeper)
{
    if (keeper == NULL)
        return;
    keeper->is_stopping = true;
    (void)pthread_join(keeper->thread, NULL);
    ql_arena_free(keeper->arena);
    free(keeper);
}
