/* A hash table with open addressing that doubles as it fills. */
#include "platform/auth/revocations.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "platform/base/clock.h"
#include "platform/base/log.h"
#include "platform/base/metrics.h"

enum { PLACES_MIN = 1024, PLACES_MAX = 2 * QLI_REVOCATIONS_MAX, MS_PER_S = 1000 };

struct entry {
    unsigned char id[QL_UUID_BYTES];
    int64_t generation; /* 0: a free place */
    int64_t forget_ms;
};

struct qli_revocations {
    pthread_mutex_t lock;  /* guards the rest */
    _Atomic bool is_empty; /* what nobody waits for the lock to know */
    struct entry *places;  /* half of them at most are taken */
    size_t n_places;       /* a power of two */
    size_t n_entries;      /* forgotten ones too, until the table grows */
    int64_t floor_s;       /* every token issued up to then is refused */
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
    revocations->places = calloc(PLACES_MIN, sizeof(*revocations->places));
    if (revocations->places == NULL) {
        free(revocations);
        return NULL;
    }
    revocations->n_places = PLACES_MIN;
    revocations->floor_s = INT64_MIN;
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
    free(revocations->places);
    free(revocations);
}

/* Nobody can aim at a place: the ids are ours, and random. */
static size_t place_of(const unsigned char id[QL_UUID_BYTES], size_t n_places)
{
    uint64_t halves[2], hash;

    _Static_assert(sizeof(halves) == QL_UUID_BYTES, "an id is two halves");
    memcpy(halves, id, sizeof(halves));
    hash = halves[0] ^ (halves[1] << 32 | halves[1] >> 32);
    hash = (hash ^ hash >> 33) * 0xFF51AFD7ED558CCDu;
    hash = (hash ^ hash >> 33) * 0xC4CEB9FE1A85EC53u;
    return (size_t)(hash ^ hash >> 33) & (n_places - 1);
}

/* The id's entry, or the free place where it belongs. */
static struct entry *find(struct entry *places, size_t n_places,
                          const unsigned char id[QL_UUID_BYTES])
{
    size_t at = place_of(id, n_places);

    while (places[at].generation != 0 && memcmp(places[at].id, id, QL_UUID_BYTES) != 0)
        at = (at + 1) & (n_places - 1);
    return &places[at];
}

static size_t count_alive(const struct qli_revocations *revocations, int64_t now_ms)
{
    size_t n = 0;

    for (size_t i = 0; i < revocations->n_places; i++)
        if (revocations->places[i].generation != 0 && revocations->places[i].forget_ms > now_ms)
            n++;
    return n;
}

/* Forgets what is over; with more room where a quarter of the places is taken still.
 * False: no room, or no memory for it. No room is left a little early, so that a full
 * table is not swept for each entry. */
static bool make_room(struct qli_revocations *revocations, int64_t now_ms)
{
    size_t n_alive = count_alive(revocations, now_ms), n_places = revocations->n_places;
    struct entry *places;

    if (n_alive > n_places / 4)
        n_places *= 2;
    while (n_places > PLACES_MIN && n_alive < n_places / 16)
        n_places /= 2;
    if (n_places > PLACES_MAX)
        n_places = PLACES_MAX;
    places = n_alive > n_places / 16 * 7 ? NULL : calloc(n_places, sizeof(*places));
    if (places == NULL)
        return false;
    for (size_t i = 0; i < revocations->n_places; i++) {
        const struct entry *entry = &revocations->places[i];

        if (entry->generation != 0 && entry->forget_ms > now_ms)
            *find(places, n_places, entry->id) = *entry;
    }
    free(revocations->places);
    revocations->places = places;
    revocations->n_places = n_places;
    revocations->n_entries = n_alive;
    return true;
}

/* Refuses every token there is, so that no single one need be remembered. */
static void overflow(struct qli_revocations *revocations, int64_t now_ms)
{
    memset(revocations->places, 0, revocations->n_places * sizeof(*revocations->places));
    revocations->n_entries = 0;
    revocations->floor_s = now_ms / MS_PER_S;
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
    entry = find(revocations->places, revocations->n_places, key);
    if (entry->generation == 0 && revocations->n_entries >= revocations->n_places / 2) {
        if (!make_room(revocations, now_ms))
            overflow(revocations, now_ms);
        entry = find(revocations->places, revocations->n_places, key);
    }
    if (entry->generation == 0)
        revocations->n_entries++;
    memcpy(entry->id, key, QL_UUID_BYTES);
    if (generation > entry->generation)
        entry->generation = generation;
    if (forget_ms > entry->forget_ms)
        entry->forget_ms = forget_ms;
    revocations->is_empty = false;
    ql_metric_set(&metrics[METRIC_ENTRIES], NULL, (int64_t)revocations->n_entries);
    pthread_mutex_unlock(&revocations->lock);
}

static bool is_refused(struct qli_revocations *revocations, const char *id, int64_t generation)
{
    unsigned char key[QL_UUID_BYTES];
    const struct entry *entry;

    if (!ql_uuid_to_bytes(id, key))
        return false;
    entry = find(revocations->places, revocations->n_places, key);
    return generation < entry->generation && ql_unix_ms() < entry->forget_ms;
}

bool qli_revocations_hit(struct qli_revocations *revocations, const struct ql_identity *identity)
{
    bool is_hit;

    if (revocations->is_empty)
        return false;
    pthread_mutex_lock(&revocations->lock);
    /* Of a session's tokens none is good once it ended: they count as generation 0. */
    is_hit = identity->issued_s <= revocations->floor_s ||
             is_refused(revocations, identity->subject, identity->generation) ||
             is_refused(revocations, identity->session_id, 0);
    pthread_mutex_unlock(&revocations->lock);
    return is_hit;
}
