/* A hash table with open addressing that doubles as it fills. */
#include "platform/auth/revocations.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "platform/base/clock.h"
#include "platform/base/log.h"
#include "platform/base/metrics.h"

enum { SIZE_MIN = 1024, SIZE_LIMIT = 2 * QLI_REVOCATIONS_MAX, MS_PER_S = 1000 };

struct entry {
    unsigned char id[QL_UUID_BYTES];
    int64_t generation; /* 0: the entry is free */
    int64_t forget_ms;
};

struct qli_revocations {
    pthread_mutex_t lock;    /* guards the rest */
    _Atomic bool is_empty;   /* read without the lock */
    struct entry *entries;   /* half of them at most are used */
    size_t size;             /* of entries: a power of two */
    size_t n_used;           /* expired ones too, until the table is resized */
    int64_t refused_until_s; /* every token issued up to then is refused */
};

static struct ql_metric metrics[] = {
    {.kind = QL_METRIC_GAUGE,
     .name = "ql_auth_revocations",
     .help = "Accounts and sessions whose earlier tokens this process refuses."},
    {.kind = QL_METRIC_COUNTER,
     .name = "ql_auth_revocations_overflowed_total",
     .help = "Times the table of revocations was full and all tokens issued before were refused."},
};

enum { METRIC_ENTRIES, METRIC_OVERFLOWED };

struct qli_revocations *qli_revocations_new(void)
{
    struct qli_revocations *revocations = calloc(1, sizeof(*revocations));

    if (revocations == NULL)
        return NULL;
    revocations->entries = calloc(SIZE_MIN, sizeof(*revocations->entries));
    if (revocations->entries == NULL) {
        free(revocations);
        return NULL;
    }
    revocations->size = SIZE_MIN;
    revocations->refused_until_s = INT64_MIN;
    revocations->is_empty = true;
    pthread_mutex_init(&revocations->lock, NULL);
    ql_metrics_register(metrics, (int)QL_ARRAY_LENGTH(metrics));
    return revocations;
}

void qli_revocations_free(struct qli_revocations *revocations)
{
    if (revocations == NULL)
        return;
    pthread_mutex_destroy(&revocations->lock);
    free(revocations->entries);
    free(revocations);
}

/* Without a key: services make the ids at random, so that no client can cause
 * collisions. */
static size_t index_of(const unsigned char id[QL_UUID_BYTES], size_t size)
{
    uint64_t halves[2], hash;

    _Static_assert(sizeof(halves) == QL_UUID_BYTES, "an id is two halves");
    memcpy(halves, id, sizeof(halves));
    hash = halves[0] ^ (halves[1] << 32 | halves[1] >> 32);
    hash = (hash ^ hash >> 33) * 0xFF51AFD7ED558CCDu;
    hash = (hash ^ hash >> 33) * 0xC4CEB9FE1A85EC53u;
    return (size_t)(hash ^ hash >> 33) & (size - 1);
}

/* The entry of the id, or the free one at which it would be added. */
static struct entry *find_entry(struct entry *entries, size_t size,
                                const unsigned char id[QL_UUID_BYTES])
{
    size_t at = index_of(id, size);

    while (entries[at].generation != 0 && memcmp(entries[at].id, id, QL_UUID_BYTES) != 0)
        at = (at + 1) & (size - 1);
    return &entries[at];
}

static size_t count_alive(const struct qli_revocations *revocations, int64_t now_ms)
{
    size_t n = 0;

    for (size_t i = 0; i < revocations->size; i++)
        if (revocations->entries[i].generation != 0 && revocations->entries[i].forget_ms > now_ms)
            n++;
    return n;
}

/* Drops expired entries and resizes the table to their number. False: the table is full at
 * its largest size, or there is no memory. A table counts as full at 7/16, before it has to
 * be swept for each new entry. */
static bool resize_table(struct qli_revocations *revocations, int64_t now_ms)
{
    size_t n_alive = count_alive(revocations, now_ms), size = revocations->size;
    struct entry *entries;

    if (n_alive > size / 4)
        size *= 2;
    while (size > SIZE_MIN && n_alive < size / 16)
        size /= 2;
    if (size > SIZE_LIMIT)
        size = SIZE_LIMIT;
    entries = n_alive > size / 16 * 7 ? NULL : calloc(size, sizeof(*entries));
    if (entries == NULL)
        return false;
    for (size_t i = 0; i < revocations->size; i++) {
        const struct entry *entry = &revocations->entries[i];

        if (entry->generation != 0 && entry->forget_ms > now_ms)
            *find_entry(entries, size, entry->id) = *entry;
    }
    free(revocations->entries);
    revocations->entries = entries;
    revocations->size = size;
    revocations->n_used = n_alive;
    return true;
}

/* Refuses every token issued so far, and drops all entries. */
static void refuse_all(struct qli_revocations *revocations, int64_t now_ms)
{
    memset(revocations->entries, 0, revocations->size * sizeof(*revocations->entries));
    revocations->n_used = 0;
    revocations->refused_until_s = now_ms / MS_PER_S;
    ql_metric_add(&metrics[METRIC_OVERFLOWED], NULL, 1);
    QL_LOG(QL_LOG_WARN, NULL, QL_TEXT("event", "table of revocations full"),
           QL_TEXT("message", "every token issued before now is refused: clients refresh"));
}

void qli_revocations_put(struct qli_revocations *revocations, const char *id, int64_t generation,
                         int64_t forget_ms)
{
    unsigned char key[QL_UUID_BYTES];
    int64_t now_ms = ql_unix_ms();
    struct entry *entry;

    if (generation <= 0 || forget_ms <= now_ms || !ql_uuid_to_bytes(id, key))
        return;
    pthread_mutex_lock(&revocations->lock);
    entry = find_entry(revocations->entries, revocations->size, key);
    if (entry->generation == 0 && revocations->n_used >= revocations->size / 2) {
        if (!resize_table(revocations, now_ms))
            refuse_all(revocations, now_ms);
        entry = find_entry(revocations->entries, revocations->size, key);
    }
    if (entry->generation == 0)
        revocations->n_used++;
    memcpy(entry->id, key, QL_UUID_BYTES);
    if (generation > entry->generation)
        entry->generation = generation;
    if (forget_ms > entry->forget_ms)
        entry->forget_ms = forget_ms;
    revocations->is_empty = false;
    ql_metric_set(&metrics[METRIC_ENTRIES], NULL, (int64_t)revocations->n_used);
    pthread_mutex_unlock(&revocations->lock);
}

static bool is_refused(struct qli_revocations *revocations, const char *id, int64_t generation)
{
    unsigned char key[QL_UUID_BYTES];
    const struct entry *entry;

    if (!ql_uuid_to_bytes(id, key))
        return false;
    entry = find_entry(revocations->entries, revocations->size, key);
    return generation < entry->generation && ql_unix_ms() < entry->forget_ms;
}

bool qli_revocations_hit(struct qli_revocations *revocations, const struct ql_identity *identity)
{
    bool is_hit;

    if (revocations->is_empty)
        return false;
    pthread_mutex_lock(&revocations->lock);
    /* After its end none of a session's tokens is valid: they count as generation 0. */
    is_hit = identity->issued_s <= revocations->refused_until_s ||
             is_refused(revocations, identity->subject, identity->generation) ||
             is_refused(revocations, identity->session_id, 0);
    pthread_mutex_unlock(&revocations->lock);
    return is_hit;
}
