/* The thread of the watch:
 *
 *   connect and read -> read to the end -> follow
 *   trouble, at any point: pause, connect, and read the last minutes again, which
 *   brings what was missed and changes nothing else. */
#include "platform/service/revocation_watch.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform/base/clock.h"
#include "platform/base/log.h"
#include "platform/base/metrics.h"
#include "platform/events/watch.h"
#include "platform/events/topology.h"
#include "platform/pb/schema/message.h"
#include "questline/tokens.h"

enum {
    OPEN_MS = 10000,
    STEP_MS = 1000,
    PAUSE_MIN_MS = 100,
    PAUSE_MAX_MS = 2000,
    LOG_EVERY_MS = 5000,
    LOOK_MS = 20,
    ARENA_BYTES = 1024 * 1024,
    /* What the clocks of two machines may differ by, and a message wait for its relay. */
    MARGIN_S = 300,
    NAME_SIZE = 96,
};

struct qli_revocation_watch {
    char *url;
    char name[NAME_SIZE];
    const struct ql_stream *stream; /* of the broker, which keeps the revocations */
    struct ql_verifier *verifier;
    struct ql_arena *arena;
    struct ql_watch *source; /* NULL: not connected */
    int64_t next_log_ms;
    _Atomic bool is_read;     /* once, to its end */
    _Atomic bool has_trouble; /* the broker did not answer before that */
    _Atomic bool is_stopping;
    pthread_t thread;
};

static struct ql_metric metrics[] = {
    {.kind = QL_METRIC_GAUGE,
     .name = "ql_service_revocations_followed",
     .help = "1 while this process reads which tokens are revoked, else 0: tokens revoked "
             "meanwhile are accepted until they expire."},
    {.kind = QL_METRIC_COUNTER,
     .name = "ql_service_revocations_read_total",
     .help = "Revocations read from the broker, those that were known already included."},
};

enum { METRIC_FOLLOWED, METRIC_READ };

static void call_start(struct qli_revocation_watch *watch, struct ql_call *call, int64_t timeout_ms)
{
    ql_arena_reset(watch->arena);
    ql_call_init(call, watch->arena, "revocations", timeout_ms);
}

static void complain_seldom(struct qli_revocation_watch *watch, const struct ql_call *call)
{
    int64_t now_ms = ql_monotonic_ms();

    if (now_ms < watch->next_log_ms)
        return;
    watch->next_log_ms = now_ms + LOG_EVERY_MS;
    QL_LOG(QL_LOG_WARN, &call->trace, QL_TEXT("event", "revocations cannot be read"),
           QL_TEXT("reason", call->status.reason), QL_TEXT("message", call->status.message));
}

/* Fails for what no service of the contract has sent. */
static enum ql_code revoke_tokens(struct qli_revocation_watch *watch, struct ql_call *call,
                                  const struct ql_watch_item *news)
{
    struct ql_event event;
    TokenRevocation *body;
    enum ql_code rc = ql_watch_read_event(call, news, &event);

    if (rc != QL_OK)
        return rc;
    if (strcmp(event.type, EVENT_TOKEN_REVOCATION) != 0)
        return ql_fail(call, QL_INVALID_ARGUMENT, "UNEXPECTED_TYPE", "%s revokes nothing",
                       event.type);
    rc = ql_message_unpack(call, &TokenRevocation_descriptor, event.body, event.body_length, &body);
    if (rc != QL_OK)
        return rc;
    ql_verifier_revoke(watch->verifier, body->subject_id, body->generation);
    ql_metric_add(&metrics[METRIC_READ], NULL, 1);
    return QL_OK;
}

static void end_is_reached(struct qli_revocation_watch *watch)
{
    if (watch->is_read)
        return;
    watch->is_read = true;
    ql_verifier_set_knows_revocations(watch->verifier, true);
}

/* False: connect anew. */
static bool follow_step(struct qli_revocation_watch *watch)
{
    struct ql_watch_item news;
    struct ql_call call;

    if (watch->source == NULL) {
        int64_t since_s = ql_unix_ms() / 1000 - QL_ACCOUNT_TOKEN_LIFE_S - MARGIN_S;

        call_start(watch, &call, OPEN_MS);
        if (ql_watch_open_stream(&call, watch->url, watch->name, watch->stream->name, since_s,
                                 &watch->source) != QL_OK) {
            complain_seldom(watch, &call);
            return false;
        }
        ql_metric_set(&metrics[METRIC_FOLLOWED], NULL, 1);
    }
    call_start(watch, &call, STEP_MS);
    if (ql_watch_next(&call, watch->source, QLI_SILENCE_MS, &news) != QL_OK) {
        complain_seldom(watch, &call);
        return false;
    }
    if (news.kind != QL_WATCH_EVENT)
        end_is_reached(watch);
    else if (revoke_tokens(watch, &call, &news) != QL_OK)
        complain_seldom(watch, &call);
    return true;
}

static void close_source(struct qli_revocation_watch *watch)
{
    ql_watch_close(watch->source);
    watch->source = NULL;
    ql_metric_set(&metrics[METRIC_FOLLOWED], NULL, 0);
}

static void *watch_thread(void *argument)
{
    struct qli_revocation_watch *watch = argument;
    int64_t pause_ms = PAUSE_MIN_MS;

    pthread_setname_np(pthread_self(), "ql:revocations");
    while (!watch->is_stopping) {
        if (follow_step(watch)) {
            pause_ms = PAUSE_MIN_MS;
            continue;
        }
        watch->has_trouble = true;
        close_source(watch);
        (void)ql_sleep_ms(pause_ms, &watch->is_stopping);
        pause_ms = pause_ms * 2 < PAUSE_MAX_MS ? pause_ms * 2 : PAUSE_MAX_MS;
    }
    close_source(watch);
    return NULL;
}

static void watch_free(struct qli_revocation_watch *watch)
{
    ql_arena_free(watch->arena);
    free(watch->url);
    free(watch);
}

struct qli_revocation_watch *qli_revocation_watch_start(const char *amqp_url, const char *service,
                                                        struct ql_verifier *verifier)
{
    struct qli_revocation_watch *watch = calloc(1, sizeof(*watch));

    if (watch == NULL)
        return NULL;
    watch->url = strdup(amqp_url);
    watch->arena = ql_arena_new(ARENA_BYTES);
    watch->verifier = verifier;
    watch->stream = ql_stream_of_type(EVENT_TOKEN_REVOCATION);
    snprintf(watch->name, sizeof(watch->name), "%s revocations", service);
    ql_metrics_register(metrics, (int)QL_ARRAY_LENGTH(metrics));
    ql_verifier_set_knows_revocations(verifier, false);
    if (watch->url == NULL || watch->arena == NULL || watch->stream == NULL ||
        pthread_create(&watch->thread, NULL, watch_thread, watch) != 0) {
        watch_free(watch);
        return NULL;
    }
    return watch;
}

void qli_revocation_watch_stop(struct qli_revocation_watch *watch)
{
    if (watch == NULL)
        return;
    watch->is_stopping = true;
    (void)pthread_join(watch->thread, NULL);
    watch_free(watch);
}

void qli_revocation_watch_wait(const struct qli_revocation_watch *watch, int64_t timeout_ms)
{
    int64_t end_ms = ql_monotonic_ms() + timeout_ms;

    while (!watch->is_read && !watch->has_trouble && ql_monotonic_ms() < end_ms)
        (void)ql_sleep_ms(LOOK_MS, &watch->is_read);
}

bool qli_revocation_watch_is_ready(void *argument, char *ret_reason, size_t reason_size)
{
    const struct qli_revocation_watch *watch = argument;

    if (watch->is_read || watch->has_trouble)
        return true;
    snprintf(ret_reason, reason_size, "the revoked tokens are being read");
    return false;
}
