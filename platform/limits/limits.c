/* The counts lie in parts, each with its lock. A client's part and entry are found by a
 * digest keyed with a random key, so that nobody can choose addresses that meet in one. */
#include "platform/limits/limits.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "platform/base/clock.h"
#include "platform/base/log.h"
#include "platform/base/metrics.h"
#include "platform/limits/entries.h"
#include "platform/limits/limit_table.h"

enum {
    PARTS = 64, /* a power of two */
    LOG_INTERVAL_MS = 60 * 1000,
    LOG_WINDOW_MS = 1000,
    LOG_LINES_MAX = 20, /* of all clients in a window: a flood must not fill disks */
};

struct ql_limits {
    int64_t max[QL_LIMITS], window_ms[QL_LIMITS];
    struct ql_digest_key key;
    _Atomic int64_t log_window_ms; /* when the window of log lines began */
    atomic_int n_lines;            /* in it */
    struct qli_entries parts[PARTS];
};

static struct ql_metric metrics[] = {
    {QL_METRIC_COUNTER, "ql_client_limit_reached_total",
     "Refusals because one client was at a limit, by limit.", "limit", NULL, NULL},
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
    for (int i = 0; i < PARTS; i++)
        qli_entries_init(&limits->parts[i]);
    ql_metrics_register(metrics, (int)QL_ARRAY_LENGTH(metrics));
    return limits;
}

void ql_limits_free(struct ql_limits *limits)
{
    if (limits == NULL)
        return;
    for (int i = 0; i < PARTS; i++)
        qli_entries_done(&limits->parts[i]);
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

static struct qli_entries *entries_lock(struct ql_limits *limits, enum ql_limit limit,
                                        const struct ql_client *client)
{
    struct qli_entries *entries = &limits->parts[client->key[0] & (PARTS - 1)];

    assert(client->is_account == qli_limit_table[limit].is_of_account);
    pthread_mutex_lock(&entries->mutex);
    return entries;
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
static int64_t count_refusal(struct ql_limits *limits, struct qli_entry *entry)
{
    int64_t now_ms = ql_monotonic_ms(), n_refused;

    ql_metric_add(&metrics[0], qli_limit_table[entry->limit].name, 1);
    entry->n_refused++;
    if ((entry->logged_ms != 0 && now_ms - entry->logged_ms < LOG_INTERVAL_MS) ||
        !may_log(limits, now_ms))
        return 0;
    n_refused = entry->n_refused;
    entry->n_refused = 0;
    entry->logged_ms = now_ms;
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

bool ql_client_limit_take(struct ql_limits *limits, enum ql_limit limit,
                          const struct ql_client *client, int64_t amount)
{
    int64_t window_ms = limits->window_ms[limit], n_refused = 0;
    struct qli_entries *entries = entries_lock(limits, limit, client);
    struct qli_entry *entry = qli_entries_get(entries, limit, client->key);
    int64_t held = qli_entry_held(entry);
    bool is_taken = amount <= limits->max[limit] - held, is_other = !entry->is_used;

    assert(amount >= 0);
    if (is_taken) {
        if (window_ms > 0 && held == 0)
            entry->window_ends_ms = ql_monotonic_ms() + window_ms;
        entry->held = held + amount;
    } else {
        n_refused = count_refusal(limits, entry);
    }
    qli_entries_settle(entries, entry);
    pthread_mutex_unlock(&entries->mutex);
    log_refusals(limits, limit, client, is_other, n_refused);
    return is_taken;
}

void ql_client_limit_give(struct ql_limits *limits, enum ql_limit limit,
                          const struct ql_client *client, int64_t amount)
{
    struct qli_entries *entries = entries_lock(limits, limit, client);
    struct qli_entry *entry = qli_entries_find(entries, limit, client->key);
    struct qli_entry *others = &entries->others[limit];

    assert(qli_limit_table[limit].window_ms == 0);
    /* What exceeds the client's own count was taken when there was no entry for it. */
    if (entry != NULL) {
        int64_t own = amount < entry->held ? amount : entry->held;

        entry->held -= own;
        amount -= own;
        qli_entries_settle(entries, entry);
    }
    assert(amount <= others->held);
    others->held -= amount < others->held ? amount : others->held;
    pthread_mutex_unlock(&entries->mutex);
}

bool ql_client_limit_is_reached(struct ql_limits *limits, enum ql_limit limit,
                                const struct ql_client *client)
{
    struct qli_entries *entries = entries_lock(limits, limit, client);
    struct qli_entry *entry = qli_entries_find(entries, limit, client->key);
    bool is_other = entry == NULL, is_reached;
    int64_t n_refused = 0;

    if (is_other) {
        entry = &entries->others[limit];
        entry->limit = (uint8_t)limit;
    }
    is_reached =
        (!is_other || qli_entries_are_full(entries)) && qli_entry_held(entry) >= limits->max[limit];
    if (is_reached)
        n_refused = count_refusal(limits, entry);
    pthread_mutex_unlock(&entries->mutex);
    log_refusals(limits, limit, client, is_other, n_refused);
    return is_reached;
}

int64_t ql_client_limit_held(struct ql_limits *limits, enum ql_limit limit,
                             const struct ql_client *client)
{
    struct qli_entries *entries = entries_lock(limits, limit, client);
    const struct qli_entry *entry = qli_entries_find(entries, limit, client->key);
    int64_t held = entry != NULL ? qli_entry_held(entry) : 0;

    pthread_mutex_unlock(&entries->mutex);
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
