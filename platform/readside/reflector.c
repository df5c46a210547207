/* The reflector's thread:
 *
 *   no watch: open one -> begin a relist
 *   watch:    every TICK_MS ask for a bookmark and check Redis, less often while nobody
 *             reads; between that go on with the relist, and put what the watch shows
 *   trouble:  close the watch, pause, open another. The leases in hand run out. */
#include "platform/readside/reflector.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform/base/clock.h"
#include "platform/base/log.h"
#include "platform/events/watch.h"
#include "platform/readside/cache_metrics.h"
#include "platform/readside/relist.h"

#include "reflector_sql.h"

enum {
    TICK_MS = 100,
    IDLE_TICK_MS = 250, /* a lease is longer */
    IDLE_AFTER_MS = 2000,
    OUTBOX_MS = 2000, /* a late answer gives a short lease and does no harm */
    REDIS_MS = 200,   /* for the model's state */
    STEP_MS = 5000,   /* for a page of the relist, or a change */
    OPEN_MS = 10000,
    PAUSE_MIN_MS = 100,
    PAUSE_MAX_MS = 2000,
    LOG_EVERY_MS = 5000,
    AGE_BITS = 20,                 /* of a bookmark's number: the age of what waits, */
    AGE_MAX = (1 << AGE_BITS) - 1, /* which at more than this gives no lease either */
    SNAPSHOTS_EVERY_MS = 30000,
    ARENA_BYTES = 16 * 1024 * 1024,
    NAME_SIZE = 64,
};

struct ql_reflector {
    struct ql_reflector_options options;
    struct ql_read_side *side;
    struct ql_arena *arena;
    struct ql_watch *watch; /* NULL: none now */
    char name[NAME_SIZE];   /* of its calls */
    struct ql_relist relist;
    bool is_listed;       /* a relist has ended since the watch was opened */
    bool is_redis_synced; /* so has one into Redis, and nothing was lost since */
    int64_t next_tick_ms, next_log_ms, next_snapshots_ms;
    pthread_t thread;
    _Atomic bool is_stopping;
};

static void start_call(struct ql_reflector *reflector, struct ql_call *call, int64_t timeout_ms)
{
    ql_arena_reset(reflector->arena);
    ql_call_init(call, reflector->arena, reflector->name, timeout_ms);
}

static void log_trouble(struct ql_reflector *reflector, const struct ql_call *call)
{
    int64_t now_ms = ql_monotonic_ms();

    if (now_ms < reflector->next_log_ms)
        return;
    reflector->next_log_ms = now_ms + LOG_EVERY_MS;
    QL_LOG(QL_LOG_WARN, &call->trace, QL_TEXT("event", "caches cannot be kept in step"),
           QL_TEXT("reason", call->status.reason), QL_TEXT("message", call->status.message));
}

/* Begins a relist, into Redis too unless run is "". */
static void begin_relist(struct ql_reflector *reflector, const char *run)
{
    reflector->is_redis_synced = false;
    ql_relist_begin(&reflector->relist, reflector->side, run);
    qli_cache_metrics_count_relist();
}

/* Removes what was archived. Where that makes space for what had none, a relist into the
 * caches alone begins: the read model lacks nothing. */
static void evict_archived(struct ql_reflector *reflector)
{
    struct ql_read_side *side = reflector->side;
    bool may_fit = false;

    for (int kind = 0; kind < side->n_kinds; kind++) {
        ql_cache_evict_archived(side->caches[kind], ql_unix_ms());
        may_fit = may_fit || ql_cache_may_fit(side->caches[kind]);
    }
    if (!may_fit || reflector->relist.is_on || !reflector->is_listed)
        return;
    ql_relist_begin(&reflector->relist, side, "");
    qli_cache_metrics_count_relist();
}

/* What the table of a kind of snapshots lacked at the last relist, because its consumer was
 * behind, and what was announced before the watch was open, is found by another one. */
static void repeat_snapshots(struct ql_reflector *reflector)
{
    int64_t now_ms = ql_monotonic_ms();

    if (now_ms < reflector->next_snapshots_ms || reflector->relist.is_on || !reflector->is_listed)
        return;
    reflector->next_snapshots_ms = now_ms + SNAPSHOTS_EVERY_MS;
    ql_relist_begin_snapshots(&reflector->relist, reflector->side);
}

/* *ret_run is the run of Redis, "" while it is away. A read model that lacks something
 * begins a relist. */
static void check_redis(struct ql_reflector *reflector, char ret_run[QL_READ_MODEL_RUN_SIZE])
{
    bool is_whole = false;
    struct ql_call call;

    ret_run[0] = '\0';
    if (reflector->side->redis == NULL)
        return;
    start_call(reflector, &call, REDIS_MS);
    if (ql_read_model_check(&call, reflector->side, ret_run, &is_whole) != QL_OK)
        ret_run[0] = '\0';
    if (!is_whole)
        reflector->is_redis_synced = false;
    if (ret_run[0] != '\0' && !reflector->is_redis_synced && !reflector->relist.is_on &&
        reflector->is_listed)
        begin_relist(reflector, ret_run);
}

/* How old the oldest waiting change is; 0 when none waits. */
static enum ql_code read_outbox_age(struct ql_call *call,
                                    const struct ql_reflector_options *options, int64_t *ret_age_ms)
{
    struct ql_pg_rows rows;
    enum ql_code rc;

    rc = ql_pg_look(call, options->outbox, &sql_outbox_oldest_change, &options->announced_like, 1,
                    &rows);
    if (rc != QL_OK)
        return rc;
    /* A millisecond more for what rounding took. */
    *ret_age_ms = ql_pg_is_null(&rows, 0, 0) ? 0 : ql_pg_int64(&rows, 0, 0) + 1;
    return QL_OK;
}

/* False: the watch is broken. */
static bool ask_for_bookmark(struct ql_reflector *reflector)
{
    struct ql_call call;
    int64_t now_ms, age_ms;

    start_call(reflector, &call, OUTBOX_MS);
    now_ms = ql_monotonic_ms();
    if (read_outbox_age(&call, &reflector->options, &age_ms) != QL_OK) {
        log_trouble(reflector, &call); /* no bookmark this time */
        return true;
    }
    if (ql_watch_send_bookmark(&call, reflector->watch, ql_reflector_bookmark(now_ms, age_ms)) ==
        QL_OK)
        return true;
    log_trouble(reflector, &call);
    return false;
}

/* While nobody reads, a late bookmark costs no read of PostgreSQL. */
int64_t ql_reflector_tick_ms(int64_t now_ms, int64_t read_ms)
{
    return now_ms - read_ms < IDLE_AFTER_MS ? TICK_MS : IDLE_TICK_MS;
}

static bool do_tick(struct ql_reflector *reflector)
{
    int64_t now_ms = ql_monotonic_ms();
    char run[QL_READ_MODEL_RUN_SIZE];

    reflector->next_tick_ms =
        now_ms + ql_reflector_tick_ms(now_ms, atomic_load(&reflector->side->read_ms));
    evict_archived(reflector);
    repeat_snapshots(reflector);
    qli_cache_metrics_show(reflector->side);
    check_redis(reflector, run);
    return ask_for_bookmark(reflector);
}

/* A change goes to Redis first: what the cache may show the read model has too. */
static void put_change(struct ql_reflector *reflector, struct ql_call *call,
                       const struct ql_watch_item *news)
{
    struct ql_read_side *side = reflector->side;
    struct ql_resource_item item;
    struct ql_event event;
    int kind;

    if (ql_watch_read_event(call, news, &event) != QL_OK) {
        log_trouble(reflector, call); /* not sent by a service of ours */
        return;
    }
    kind = ql_read_side_kind_of(side, &event);
    if (kind < 0)
        return;
    if (qli_read_kind_of_event(call, &side->kinds[kind], &event, &item) != QL_OK) {
        log_trouble(reflector, call);
        return;
    }
    if (side->redis != NULL && ql_read_model_put(call, side, kind, &item, 1) != QL_OK)
        reflector->is_redis_synced = reflector->relist.is_in_redis = false;
    ql_cache_put_changed(side->caches[kind], &item, ql_unix_ms());
}

int64_t ql_reflector_bookmark(int64_t sent_ms, int64_t age_ms)
{
    return sent_ms << AGE_BITS | (age_ms < AGE_MAX ? age_ms : AGE_MAX);
}

int64_t ql_reflector_as_of_ms(int64_t bookmark, bool is_of_snapshots)
{
    int64_t sent_ms = bookmark >> AGE_BITS;

    return is_of_snapshots ? sent_ms : sent_ms - (bookmark & AGE_MAX);
}

static void take_bookmark(struct ql_reflector *reflector, int64_t bookmark)
{
    struct ql_read_side *side = reflector->side;

    if (!reflector->is_listed)
        return;
    for (int kind = 0; kind < side->n_kinds; kind++)
        ql_cache_set_synced(side->caches[kind],
                            ql_reflector_as_of_ms(bookmark, side->kinds[kind].snapshot != NULL));
    if (!reflector->is_redis_synced)
        return;
    atomic_store(&side->redis_synced_as_of_ms, ql_reflector_as_of_ms(bookmark, false));
    atomic_store(&side->redis_snapshots_as_of_ms, ql_reflector_as_of_ms(bookmark, true));
}

/* Puts what the watch shows, until the next tick or, with a relist under way, until there
 * is nothing more. False: the watch is broken. */
static bool follow_watch(struct ql_reflector *reflector)
{
    for (;;) {
        int64_t left_ms = reflector->next_tick_ms - ql_monotonic_ms();
        struct ql_watch_item news;
        struct ql_call call;

        start_call(reflector, &call, STEP_MS);
        if (ql_watch_next(&call, reflector->watch,
                          reflector->relist.is_on || left_ms < 0 ? 0 : left_ms, &news) != QL_OK) {
            log_trouble(reflector, &call);
            return false;
        }
        if (news.kind == QL_WATCH_EVENT)
            put_change(reflector, &call, &news);
        else if (news.kind == QL_WATCH_BOOKMARK)
            take_bookmark(reflector, news.number);
        else
            return true;
        if (left_ms <= 0 || reflector->is_stopping)
            return true;
    }
}

static bool continue_relist(struct ql_reflector *reflector)
{
    struct ql_read_side *side = reflector->side;
    struct ql_call call;

    if (!reflector->relist.is_on)
        return true;
    start_call(reflector, &call, STEP_MS);
    if (ql_relist_step(&call, &reflector->relist, side) != QL_OK) {
        log_trouble(reflector, &call);
        reflector->relist.is_on = false;
        return reflector->relist.is_of_snapshots; /* the next one will do */
    }
    if (reflector->relist.is_on)
        return true;
    reflector->is_listed = true;
    if (reflector->relist.is_in_redis)
        reflector->is_redis_synced =
            ql_read_model_mark(&call, side, reflector->relist.run) == QL_OK;
    return true;
}

static bool open_watch(struct ql_reflector *reflector)
{
    const char *url = reflector->options.amqp_url;
    char name[NAME_SIZE];
    char run[QL_READ_MODEL_RUN_SIZE];
    struct ql_call call;

    reflector->is_listed = false;
    start_call(reflector, &call, OPEN_MS);
    snprintf(name, sizeof(name), "%s reflector", reflector->side->service);
    if (ql_watch_open(&call, url, name, reflector->options.watched, &reflector->watch) != QL_OK) {
        log_trouble(reflector, &call);
        return false;
    }
    check_redis(reflector, run);
    begin_relist(reflector, run);
    return true;
}

static bool run_once(struct ql_reflector *reflector)
{
    if (reflector->watch == NULL && !open_watch(reflector))
        return false;
    if (ql_monotonic_ms() >= reflector->next_tick_ms && !do_tick(reflector))
        return false;
    return continue_relist(reflector) && follow_watch(reflector);
}

static void *reflector_thread(void *argument)
{
    struct ql_reflector *reflector = argument;
    int64_t pause_ms = PAUSE_MIN_MS;

    while (!reflector->is_stopping) {
        if (run_once(reflector)) {
            pause_ms = reflector->is_listed ? PAUSE_MIN_MS : pause_ms;
            continue;
        }
        ql_watch_close(reflector->watch);
        reflector->watch = NULL;
        qli_cache_metrics_show(reflector->side);
        (void)ql_sleep_ms(pause_ms, &reflector->is_stopping);
        pause_ms = pause_ms * 2 < PAUSE_MAX_MS ? pause_ms * 2 : PAUSE_MAX_MS;
    }
    ql_watch_close(reflector->watch);
    return NULL;
}

struct ql_reflector *ql_reflector_start(struct ql_read_side *side,
                                        const struct ql_reflector_options *options)
{
    struct ql_reflector *reflector = calloc(1, sizeof(*reflector));

    if (reflector == NULL)
        return NULL;
    ql_read_side_register_metrics(side);
    qli_cache_metrics_register(side);
    snprintf(reflector->name, sizeof(reflector->name), "%s.reflector", side->service);
    reflector->side = side;
    reflector->options = *options;
    reflector->arena = ql_arena_new(ARENA_BYTES);
    if (reflector->arena == NULL ||
        pthread_create(&reflector->thread, NULL, reflector_thread, reflector) != 0) {
        ql_arena_free(reflector->arena);
        free(reflector);
        return NULL;
    }
    return reflector;
}

void ql_reflector_stop(struct ql_reflector *reflector)
{
    if (reflector == NULL)
        return;
    reflector->is_stopping = true;
    (void)pthread_join(reflector->thread, NULL);
    ql_arena_free(reflector->arena);
    free(reflector);
}
