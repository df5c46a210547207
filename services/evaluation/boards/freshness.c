/* A ring of looks that one thread writes and any reads, without a lock. */
#include "services/evaluation/boards/freshness.h"

#include <stdatomic.h>
#include <string.h>

void freshness_note(struct freshness *freshness, int64_t began_ms, const char *epoch, int64_t seq)
{
    unsigned at = freshness->next++ % FRESHNESS_LOOKS;
    unsigned char bytes[QL_UUID_BYTES] = {0};
    uint64_t halves[2];

    (void)ql_uuid_to_bytes(epoch, bytes);
    memcpy(halves, bytes, sizeof(halves));
    /* A reader between the two stores has halves of two epochs, which no board has. */
    atomic_store(&freshness->epoch[0], halves[0]);
    atomic_store(&freshness->epoch[1], halves[1]);
    /* A reader that finds another time than before has read another look's number. */
    atomic_store(&freshness->looks[at].began_ms, 0);
    atomic_store(&freshness->looks[at].seq, seq);
    atomic_store(&freshness->looks[at].began_ms, began_ms);
    atomic_store(&freshness->newest_seq, seq);
}

void freshness_note_shown(struct freshness *freshness, int64_t applied)
{
    int64_t before = atomic_load(&freshness->shown_seq);

    while (before < applied &&
           !atomic_compare_exchange_weak(&freshness->shown_seq, &before, applied)) {
    }
}

/* What was shown, but no more than the database has: it may have been restored. */
static int64_t least_to_show(const struct freshness *freshness)
{
    int64_t shown = atomic_load(&freshness->shown_seq);
    int64_t newest = atomic_load(&freshness->newest_seq);

    return shown < newest ? shown : newest;
}

static void read_epoch(const struct freshness *freshness, char ret_epoch[QL_UUID_SIZE])
{
    unsigned char bytes[QL_UUID_BYTES];
    uint64_t halves[2];

    halves[0] = atomic_load(&freshness->epoch[0]);
    halves[1] = atomic_load(&freshness->epoch[1]);
    memcpy(bytes, halves, sizeof(bytes));
    ql_uuid_from_bytes(ret_epoch, bytes);
}

bool freshness_guard(const struct freshness *freshness, int64_t now_ms,
                     struct board_guard *ret_guard)
{
    int64_t due_ms = 0, oldest_ms = 0, due_seq = 0, oldest_seq = 0;

    for (unsigned i = 0; i < FRESHNESS_LOOKS; i++) {
        int64_t began_ms = atomic_load(&freshness->looks[i].began_ms);
        int64_t seq = atomic_load(&freshness->looks[i].seq);

        if (began_ms == 0 || atomic_load(&freshness->looks[i].began_ms) != began_ms ||
            began_ms < now_ms - FRESHNESS_LIMIT_MS)
            continue;
        if (oldest_ms == 0 || began_ms < oldest_ms) {
            oldest_ms = began_ms;
            oldest_seq = seq;
        }
        if (began_ms <= now_ms - FRESHNESS_GRACE_MS && began_ms > due_ms) {
            due_ms = began_ms;
            due_seq = seq;
        }
    }
    ret_guard->must = due_ms != 0 ? due_seq : oldest_seq;
    if (ret_guard->must < least_to_show(freshness))
        ret_guard->must = least_to_show(freshness);
    read_epoch(freshness, ret_guard->epoch);
    return oldest_ms != 0;
}
