/* The counts: a hash table in parts, each with its lock and a fixed number of
 * places. A client's place is found by a digest keyed with a random key, so that
 * nobody can choose addresses that meet in one part. */
#include "platform/limits/limits.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "platform/base/clock.h"
#include "platform/base/log.h"
#include "platform/base/metrics.h"
#include "platform/limits/limit_table.h"

enum {
    PARTS = 64,         /* powers of two, these three */
    PLACES = 1024,      /* of a part */
    CHAINS = PLACES,    /* of a part */
    NO_PLACE = 0xffff,  /* ends a chain */
    RECLAIM_STEPS = 32, /* places looked at for one that may be taken over */
    LOG_INTERVAL_MS = 60 * 1000,
    LOG_WINDOW_MS = 1000,
    LOG_LINES_MAX = 20, /* of all clients in a window: a flood must not fill disks */
};

/* What one client holds of one limit. */
struct place {
    unsigned char key[QL_KEYED_DIGEST_BYTES];
    int64_t held;
    int64_t window_ends_ms; /* monotonic; only with a window */
    int64_t logged_ms;      /* 0: never */
    int64_t n_refused;      /* since the last log line */
    uint16_t next;          /* in its chain, or among the free */
    uint8_t limit;
    bool is_used;
};

struct part {
    pthread_mutex_t mutex;
    uint16_t chains[CHAINS];
    uint16_t first_free;
    uint16_t hand; /* where the search for a place to take over goes on */
    struct place places[PLACES];
    struct place others[QL_LIMITS]; /* of all clients for whom there was no place */
};

struct ql_limits {
    int64_t max[QL_LIMITS], window_ms[QL_LIMITS];
    struct ql_digest_key key;
    _Atomic int64_t log_window_ms; /* when the window of log lines began */
    atomic_int n_lines;            /* in it */
    struct part parts[PARTS];
};

enum { REACHED, TRACKED, UNTRACKED, METRICS };

static struct ql_metric metrics[METRICS] = {
    [REACHED] = {QL_METRIC_COUNTER, "ql_client_limit_reached_total",
                 "Refusals because one client was at a limit, by limit.", "limit", NULL, NULL},
    [TRACKED] = {QL_METRIC_GAUGE, "ql_client_limit_entries",
                 "Clients counted, once for each limit of which they hold something.", NULL, NULL,
                 NULL},
    [UNTRACKED] = {QL_METRIC_COUNTER, "ql_client_limit_untracked_total",
                   "Counts of clients who share an entry because the table was full.", NULL, NULL,
                   NULL},
};

struct ql_limits *ql_limits_new(const struct ql_limits_settings *settings)
{
    struct ql_limits *limits = calloc(1, sizeof(*limits));

    if (limits == NULL)
        return NULL;
    ql_digest_key_new(&limits->key);
    for (int i = 0; i < QL_LIMITS; i++) {
        bool has_max = settings != NULL && settings->max[i] > 0;
        bool has_window = settings != NULL && settings->window_ms[i] > 0;

        limits->max[i] = has_max ? settings->max[i] : qli_limit_default((enum ql_limit)i);
        limits->window_ms[i] = has_window ? settings->window_ms[i] : qli_limit_table[i].window_ms;
    }
    for (int i = 0; i < PARTS; i++) {
        struct part *part = &limits->parts[i];

        pthread_mutex_init(&part->mutex, NULL);
        for (int chain = 0; chain < CHAINS; chain++)
            part->chains[chain] = NO_PLACE;
        for (int place = 0; place < PLACES; place++)
            part->places[place].next = (uint16_t)(place + 1 < PLACES ? place + 1 : NO_PLACE);
    }
    ql_metrics_register(metrics, METRICS);
    return limits;
}

void ql_limits_free(struct ql_limits *limits)
{
    if (limits == NULL)
        return;
    for (int i = 0; i < PARTS; i++)
        pthread_mutex_destroy(&limits->parts[i].mutex);
    free(limits);
}

static void make_client(const struct ql_limits *limits, bool is_account, const char *name,
                        struct ql_client *ret_client)
{
    char text[QL_NETWORK_SIZE + 2];
    size_t length = strnlen(name, QL_NETWORK_SIZE);

    text[0] = is_account ? 'c' : 'a';
    memcpy(text + 1, name, length);
    ql_keyed_digest(ret_client->key, &limits->key, text, length + 1);
    ret_client->is_account = is_account;
}

void ql_client_of_address(const struct ql_limits *limits, const char *address,
                          struct ql_client *ret_client)
{
    char network[QL_NETWORK_SIZE];

    ql_address_network(address, network);
    make_client(limits, false, network, ret_client);
    ql_address_shown(address, ret_client->shown);
}

void ql_client_of_account(const struct ql_limits *limits, const char *account_id,
                          struct ql_client *ret_client)
{
    size_t length = strnlen(account_id, sizeof(ret_client->shown) - 1);

    make_client(limits, true, account_id, ret_client);
    memcpy(ret_client->shown, account_id, length);
    ret_client->shown[length] = '\0';
}

/* Two bytes of the key, apart from those that choose the part. */
static uint16_t *chain_of(struct part *part, const unsigned char *key, enum ql_limit limit)
{
    unsigned hash = (unsigned)key[2] << 8 | key[3];

    return &part->chains[(hash ^ ((unsigned)limit * 37)) & (CHAINS - 1)];
}

static struct part *part_lock(struct ql_limits *limits, enum ql_limit limit,
                              const struct ql_client *client)
{
    struct part *part = &limits->parts[client->key[0] & (PARTS - 1)];

    assert(client->is_account == qli_limit_table[limit].is_of_account);
    pthread_mutex_lock(&part->mutex);
    return part;
}

static struct place *place_find(struct part *part, enum ql_limit limit,
                                const struct ql_client *client)
{
    uint16_t at = *chain_of(part, client->key, limit);

    for (; at != NO_PLACE; at = part->places[at].next) {
        struct place *place = &part->places[at];

        if (place->limit == limit && memcmp(place->key, client->key, sizeof(place->key)) == 0)
            return place;
    }
    return NULL;
}

static void place_release(struct part *part, struct place *place)
{
    uint16_t at = (uint16_t)(place - part->places);
    uint16_t *link = chain_of(part, place->key, (enum ql_limit)place->limit);

    while (*link != at)
        link = &part->places[*link].next;
    *link = place->next;
    *place = (struct place){.next = part->first_free};
    part->first_free = at;
    ql_metric_add(&metrics[TRACKED], NULL, -1);
}

/* Nothing is held any more; what is lost is when it was logged. */
static bool place_is_idle(const struct place *place, int64_t now_ms)
{
    bool has_window = qli_limit_table[place->limit].window_ms > 0;

    return place->is_used && (has_window ? now_ms >= place->window_ends_ms : place->held == 0);
}

/* Frees an idle place, if there is one among the next few. */
static void reclaim(struct part *part)
{
    int64_t now_ms = ql_monotonic_ms();

    for (int i = 0; i < RECLAIM_STEPS; i++) {
        struct place *place = &part->places[part->hand];

        part->hand = (uint16_t)((part->hand + 1) & (PLACES - 1));
        if (place_is_idle(place, now_ms)) {
            place_release(part, place);
            return;
        }
    }
}

/* The client's place, a new one, or the one of all others. */
static struct place *place_get(struct part *part, enum ql_limit limit,
                               const struct ql_client *client)
{
    struct place *place = place_find(part, limit, client);
    uint16_t *chain = chain_of(part, client->key, limit);
    uint16_t at;

    if (place != NULL)
        return place;
    if (part->first_free == NO_PLACE)
        reclaim(part);
    if (part->first_free == NO_PLACE) {
        ql_metric_add(&metrics[UNTRACKED], NULL, 1);
        part->others[limit].limit = (uint8_t)limit;
        return &part->others[limit];
    }
    at = part->first_free;
    place = &part->places[at];
    part->first_free = place->next;
    *place = (struct place){.next = *chain, .limit = (uint8_t)limit, .is_used = true};
    memcpy(place->key, client->key, sizeof(place->key));
    *chain = at;
    ql_metric_add(&metrics[TRACKED], NULL, 1);
    return place;
}

/* What the place counts now: nothing once its window is over. */
static int64_t place_held(const struct place *place)
{
    if (qli_limit_table[place->limit].window_ms > 0 && ql_monotonic_ms() >= place->window_ends_ms)
        return 0;
    return place->held;
}

static bool may_log(struct ql_limits *limits, int64_t now_ms)
{
    int64_t began_ms = atomic_load(&limits->log_window_ms);

    if (now_ms - began_ms >= LOG_WINDOW_MS &&
        atomic_compare_exchange_strong(&limits->log_window_ms, &began_ms, now_ms))
        atomic_store(&limits->n_lines, 0);
    return atomic_fetch_add(&limits->n_lines, 1) < LOG_LINES_MAX;
}

/* Counts a refusal. Returns how many the log line stands for; 0: it is not due. */
static int64_t refuse(struct ql_limits *limits, struct place *place)
{
    int64_t now_ms = ql_monotonic_ms(), n_refused;

    ql_metric_add(&metrics[REACHED], qli_limit_table[place->limit].name, 1);
    place->n_refused++;
    if ((place->logged_ms != 0 && now_ms - place->logged_ms < LOG_INTERVAL_MS) ||
        !may_log(limits, now_ms))
        return 0;
    n_refused = place->n_refused;
    place->n_refused = 0;
    place->logged_ms = now_ms;
    return n_refused;
}

/* Without the lock of the part. */
static void log_refusals(struct ql_limits *limits, enum ql_limit limit,
                         const struct ql_client *client, bool is_other, int64_t n_refused)
{
    const char *shown = is_other ? "others" : client->shown;
    const struct ql_log_field fields[] = {
        QL_TEXT("event", "limit reached"),
        QL_TEXT("limit", qli_limit_table[limit].name),
        QL_TEXT(client->is_account ? "account" : "address", shown),
        QL_NUMBER("max", limits->max[limit]),
        QL_TEXT("setting", qli_limit_setting(limit)->key),
        QL_NUMBER("refused", n_refused),
        {.kind = QL_LOG_END},
    };

    if (n_refused > 0)
        (void)ql_log_offer(QL_LOG_WARN, NULL, fields);
}

/* A place that was made only to be refused, or that holds nothing, goes at once,
 * unless it has to remember when it was logged. */
static void place_settle(struct part *part, struct place *place)
{
    if (place->is_used && place->held == 0 && place->logged_ms == 0 && place->n_refused == 0)
        place_release(part, place);
}

bool ql_client_limit_take(struct ql_limits *limits, enum ql_limit limit,
                          const struct ql_client *client, int64_t amount)
{
    int64_t window_ms = limits->window_ms[limit], n_refused = 0;
    struct part *part = part_lock(limits, limit, client);
    struct place *place = place_get(part, limit, client);
    int64_t held = place_held(place);
    bool is_taken = amount <= limits->max[limit] - held, is_other = !place->is_used;

    assert(amount >= 0);
    if (is_taken) {
        if (window_ms > 0 && held == 0)
            place->window_ends_ms = ql_monotonic_ms() + window_ms;
        place->held = held + amount;
    } else {
        n_refused = refuse(limits, place);
    }
    place_settle(part, place);
    pthread_mutex_unlock(&part->mutex);
    log_refusals(limits, limit, client, is_other, n_refused);
    return is_taken;
}

void ql_client_limit_give(struct ql_limits *limits, enum ql_limit limit,
                          const struct ql_client *client, int64_t amount)
{
    struct part *part = part_lock(limits, limit, client);
    struct place *place = place_find(part, limit, client);
    struct place *others = &part->others[limit];

    assert(qli_limit_table[limit].window_ms == 0);
    /* What exceeds the client's own count was taken when there was no place for it. */
    if (place != NULL) {
        int64_t own = amount < place->held ? amount : place->held;

        place->held -= own;
        amount -= own;
        place_settle(part, place);
    }
    assert(amount <= others->held);
    others->held -= amount < others->held ? amount : others->held;
    pthread_mutex_unlock(&part->mutex);
}

bool ql_client_limit_is_reached(struct ql_limits *limits, enum ql_limit limit,
                                const struct ql_client *client)
{
    struct part *part = part_lock(limits, limit, client);
    struct place *place = place_find(part, limit, client);
    bool is_other = place == NULL, is_reached;
    int64_t n_refused = 0;

    if (is_other) {
        place = &part->others[limit];
        place->limit = (uint8_t)limit;
    }
    is_reached =
        (!is_other || part->first_free == NO_PLACE) && place_held(place) >= limits->max[limit];
    if (is_reached)
        n_refused = refuse(limits, place);
    pthread_mutex_unlock(&part->mutex);
    log_refusals(limits, limit, client, is_other, n_refused);
    return is_reached;
}

int64_t ql_client_limit_held(struct ql_limits *limits, enum ql_limit limit,
                             const struct ql_client *client)
{
    struct part *part = part_lock(limits, limit, client);
    const struct place *place = place_find(part, limit, client);
    int64_t held = place != NULL ? place_held(place) : 0;

    pthread_mutex_unlock(&part->mutex);
    return held;
}

int64_t ql_limit_max(const struct ql_limits *limits, enum ql_limit limit)
{
    return limits->max[limit];
}

int64_t ql_limit_window_ms(const struct ql_limits *limits, enum ql_limit limit)
{
    return limits->window_ms[limit];
}
