/* Chains of entries by hash, and a list of the free ones. */
#include "platform/limits/entries.h"

#include <string.h>

#include "platform/base/clock.h"
#include "platform/base/metrics.h"
#include "platform/limits/limit_table.h"

enum {
    NO_ENTRY = 0xffff,  /* ends a chain */
    RECLAIM_STEPS = 32, /* entries looked at for one that may be taken over */
};

enum { TRACKED, UNTRACKED, METRICS };

static struct ql_metric metrics[METRICS] = {
    [TRACKED] = {QL_METRIC_GAUGE, "ql_client_limit_entries",
                 "Clients counted, once for each limit of which they hold something.", NULL, NULL,
                 NULL},
    [UNTRACKED] = {QL_METRIC_COUNTER, "ql_client_limit_untracked_total",
                   "Counts of clients who share an entry because the table was full.", NULL, NULL,
                   NULL},
};

void qli_entries_init(struct qli_entries *entries)
{
    pthread_mutex_init(&entries->mutex, NULL);
    for (int chain = 0; chain < QLI_ENTRIES; chain++)
        entries->chains[chain] = NO_ENTRY;
    entries->first_free = NO_ENTRY;
    ql_metrics_register(metrics, METRICS);
}

void qli_entries_done(struct qli_entries *entries)
{
    pthread_mutex_destroy(&entries->mutex);
}

/* Two bytes of the key, apart from those that choose the part. */
static uint16_t *chain_of(struct qli_entries *entries, const unsigned char *key,
                          enum ql_limit limit)
{
    unsigned hash = (unsigned)key[2] << 8 | key[3];

    return &entries->chains[(hash ^ ((unsigned)limit * 37)) & (QLI_ENTRIES - 1)];
}

struct qli_entry *qli_entries_find(struct qli_entries *entries, enum ql_limit limit,
                                   const unsigned char key[QL_KEYED_DIGEST_BYTES])
{
    uint16_t at = *chain_of(entries, key, limit);

    for (; at != NO_ENTRY; at = entries->entries[at].next) {
        struct qli_entry *entry = &entries->entries[at];

        if (entry->limit == limit && memcmp(entry->key, key, sizeof(entry->key)) == 0)
            return entry;
    }
    return NULL;
}

static void entry_release(struct qli_entries *entries, struct qli_entry *entry)
{
    uint16_t at = (uint16_t)(entry - entries->entries);
    uint16_t *link = chain_of(entries, entry->key, (enum ql_limit)entry->limit);

    while (*link != at)
        link = &entries->entries[*link].next;
    *link = entry->next;
    *entry = (struct qli_entry){.next = entries->first_free};
    entries->first_free = at;
    ql_metric_add(&metrics[TRACKED], NULL, -1);
}

/* Nothing is held any more; what is lost is when it was logged. */
static bool entry_is_idle(const struct qli_entry *entry, int64_t now_ms)
{
    bool has_window = qli_limit_table[entry->limit].window_ms > 0;

    return entry->is_used && (has_window ? now_ms >= entry->window_ends_ms : entry->held == 0);
}

/* Frees an idle entry, if there is one among the next few. */
static void reclaim_entry(struct qli_entries *entries)
{
    int64_t now_ms = ql_monotonic_ms();

    for (int i = 0; i < RECLAIM_STEPS; i++) {
        struct qli_entry *entry = &entries->entries[entries->hand];

        entries->hand = (uint16_t)((entries->hand + 1) & (QLI_ENTRIES - 1));
        if (entry_is_idle(entry, now_ms)) {
            entry_release(entries, entry);
            return;
        }
    }
}

/* One that was used before, else the next that never was. There must be one. */
static uint16_t take_free(struct qli_entries *entries)
{
    uint16_t at = entries->first_free;

    if (at == NO_ENTRY)
        return entries->n_touched++;
    entries->first_free = entries->entries[at].next;
    return at;
}

struct qli_entry *qli_entries_get(struct qli_entries *entries, enum ql_limit limit,
                                  const unsigned char key[QL_KEYED_DIGEST_BYTES])
{
    struct qli_entry *entry = qli_entries_find(entries, limit, key);
    uint16_t *chain = chain_of(entries, key, limit);
    uint16_t at;

    if (entry != NULL)
        return entry;
    if (qli_entries_are_full(entries))
        reclaim_entry(entries);
    if (qli_entries_are_full(entries)) {
        ql_metric_add(&metrics[UNTRACKED], NULL, 1);
        entries->others[limit].limit = (uint8_t)limit;
        return &entries->others[limit];
    }
    at = take_free(entries);
    entry = &entries->entries[at];
    *entry = (struct qli_entry){.next = *chain, .limit = (uint8_t)limit, .is_used = true};
    memcpy(entry->key, key, sizeof(entry->key));
    *chain = at;
    ql_metric_add(&metrics[TRACKED], NULL, 1);
    return entry;
}

int64_t qli_entry_held(const struct qli_entry *entry)
{
    if (qli_limit_table[entry->limit].window_ms > 0 && ql_monotonic_ms() >= entry->window_ends_ms)
        return 0;
    return entry->held;
}

void qli_entries_settle(struct qli_entries *entries, struct qli_entry *entry)
{
    if (entry->is_used && entry->held == 0 && entry->logged_ms == 0 && entry->n_refused == 0)
        entry_release(entries, entry);
}

bool qli_entries_are_full(const struct qli_entries *entries)
{
    return entries->first_free == NO_ENTRY && entries->n_touched == QLI_ENTRIES;
}
