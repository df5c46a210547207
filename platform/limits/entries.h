/* A part of the counts: a hash table with a lock and a fixed number of entries.
 * Module-internal. Every function but init and done is called with the lock held. */
#ifndef QL_LIMITS_ENTRIES_H
#define QL_LIMITS_ENTRIES_H

#include <pthread.h>

#include "platform/base/digest.h"
#include "platform/limits/limit_table.h"

enum { QLI_ENTRIES = 1024 }; /* a power of two */

/* What one client holds of one limit. */
struct qli_entry {
    unsigned char key[QL_KEYED_DIGEST_BYTES];
    int64_t held;
    int64_t window_ends_ms; /* monotonic; only with a window */
    int64_t logged_ms;      /* 0: never */
    int64_t n_refused;      /* since the last log line */
    uint16_t next;          /* in its chain, or among the free */
    uint8_t limit;
    bool is_used;
};

struct qli_entries {
    pthread_mutex_t mutex;
    uint16_t chains[QLI_ENTRIES];
    uint16_t first_free; /* of those that were used */
    uint16_t n_touched;  /* those behind were never used, and take no memory yet */
    uint16_t hand;       /* where the search for an entry to take over goes on */
    struct qli_entry entries[QLI_ENTRIES];
    struct qli_entry others[QL_LIMITS]; /* of all clients for whom there was no entry */
};

void qli_entries_init(struct qli_entries *entries);
void qli_entries_done(struct qli_entries *entries);

/* The client's entry; NULL: it has none. */
struct qli_entry *qli_entries_find(struct qli_entries *entries, enum ql_limit limit,
                                   const unsigned char key[QL_KEYED_DIGEST_BYTES]);
/* The client's entry, a new one, or the one of all others. */
struct qli_entry *qli_entries_get(struct qli_entries *entries, enum ql_limit limit,
                                  const unsigned char key[QL_KEYED_DIGEST_BYTES]);
/* Whether a new client shares the entry of all others, as far as is known. */
bool qli_entries_are_full(const struct qli_entries *entries);

/* What the entry counts now: nothing once its window is over. */
int64_t qli_entry_held(const struct qli_entry *entry);

/* An entry that was made only to be refused, or that holds nothing, is freed at once,
 * unless it has to remember when it was logged. */
void qli_entries_settle(struct qli_entries *entries, struct qli_entry *entry);

#endif
