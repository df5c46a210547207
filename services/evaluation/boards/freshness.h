/* What this process knows of the database's changes, and since when: by that a read of
 * boards is refused or not.
 *
 * One thread looks at the database every FRESHNESS_LOOK_MS and notes what it saw; any thread
 * asks. A board that has the change of a look shows what was true when the look began, or
 * later. Without a look of the last FRESHNESS_LIMIT_MS nothing can be promised. */
#ifndef QL_EVALUATION_FRESHNESS_H
#define QL_EVALUATION_FRESHNESS_H

#include <stdbool.h>
#include <stdint.h>

#include "services/evaluation/boards/board_read.h"

enum {
    FRESHNESS_LOOK_MS = 250,
    /* What was committed so long ago is asked of a board. */
    FRESHNESS_GRACE_MS = 1000,
    /* With pages that are shared for FRESHNESS_SHARED_MS nothing older than 1.5 s is shown. */
    FRESHNESS_LIMIT_MS = 1300,
    FRESHNESS_SHARED_MS = 200,
    FRESHNESS_LOOKS = 16,
};

struct freshness {
    struct {
        _Atomic int64_t began_ms; /* monotonic; 0: none, or being written */
        _Atomic int64_t seq;
    } looks[FRESHNESS_LOOKS];
    _Atomic uint64_t epoch[2];  /* the bytes of the UUID; 0: no look yet */
    _Atomic int64_t newest_seq; /* of the last look */
    _Atomic int64_t shown_seq;  /* the greatest that a board which was shown has */
    unsigned next;              /* of the thread that notes */
};

/* A look that began then: the greatest change number, in this epoch. One thread. */
void freshness_note(struct freshness *freshness, int64_t began_ms, const char *epoch, int64_t seq);

/* A board was shown that has this change: from now on none is shown that lacks it, so nobody
 * loses points for a moment when Redis comes back without its last second. Any thread. */
void freshness_note_shown(struct freshness *freshness, int64_t applied);

/* What a board must have at this moment (monotonic): the greatest change of the looks that
 * are FRESHNESS_GRACE_MS old; without such a look that of the oldest. False: there is no look
 * that is young enough, so every read is refused. Any thread; never blocks. Never less than
 * what was shown, as far as the database still has that. */
bool freshness_guard(const struct freshness *freshness, int64_t now_ms,
                     struct board_guard *ret_guard);

#endif
