/* Boards: their names, and an entry as Redis keeps it.
 *
 * The order of a board: more points first; then who reached them earlier, to the
 * millisecond; then the smaller user id. A board is a sorted set `...:z` with score
 * -millipoints and the member be64(reached ms) || the 16 bytes of the user's id. Redis
 * orders by the score, then by memcmp of members. Scores are whole numbers below 2^53, so
 * distinct points are distinct doubles; big-endian unsigned numbers of one length compare by
 * memcmp as numbers do. So Redis' order is the board's, and ZRANK + 1 is the rank. A hash
 * `...:t` has the time by the user's 16 bytes, by which a member is found again. */
#ifndef QL_EVALUATION_BOARD_H
#define QL_EVALUATION_BOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "platform/base/id.h"

#define BOARD_KEY_PREFIX "ql:evaluation:board:"
/* The hash of all boards: epoch, applied, writer, n (board_write.h). */
#define BOARD_STATE_KEY "ql:evaluation:boards"
/* The period of all time; any other is an ISO week. */
#define BOARD_ALL_TIME "all"

enum {
    BOARD_TIME_BYTES = 8,
    BOARD_MEMBER_BYTES = BOARD_TIME_BYTES + QL_UUID_BYTES,
    BOARD_AROUND_MAX = 50,
    BOARD_PAGE_MAX = 200,
};

struct board {
    const char *name;   /* "overall", "category.redis", "quiz.<id>" */
    const char *period; /* BOARD_ALL_TIME, or "2026-W49" */
};

/* What an entry is ordered by. */
struct board_position {
    int32_t millipoints;
    int64_t reached_ms; /* since 1970 */
    char user_id[QL_UUID_SIZE];
};

struct board_entry {
    struct board_position position;
    int32_t rank;        /* 1 for the first; no two are alike */
    int32_t shared_rank; /* 1 and the number of entries with more points */
};

/* The member of a position; false when the user id is no UUID or the time is before 1970. */
bool board_member_write(const struct board_position *position,
                        unsigned char ret[BOARD_MEMBER_BYTES]);
/* Time and user of a member. */
void board_member_read(const unsigned char member[BOARD_MEMBER_BYTES],
                       struct board_position *position);

enum { BOARD_POSITION_TEXT_SIZE = 80 };

/* A position as a text, for page tokens. */
void board_position_print(const struct board_position *position,
                          char ret_text[BOARD_POSITION_TEXT_SIZE]);
/* False when it is none. */
bool board_position_parse(const char *text, struct board_position *ret_position);

#endif
