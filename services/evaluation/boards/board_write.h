/* The scripts by which boards in Redis are written: passes.
 *
 * The hash BOARD_STATE_KEY holds which moment of the database the boards show: `epoch`, the
 * database's life; `applied`, the greatest change number that is in them; `writer`, the pass
 * that may write; `n`, how many scripts of that pass have run since `applied` was set. */
#ifndef QL_EVALUATION_BOARD_WRITE_H
#define QL_EVALUATION_BOARD_WRITE_H

#include "platform/base/call.h"
#include "platform/redis/redis.h"
#include "services/evaluation/boards/board.h"

enum {
    BOARD_CHANGES_MAX = 500, /* of one script */
    BOARD_SEQ_SIZE = 24,     /* a change number as text */
};

/* Under what a pass writes, and what it has written. */
struct board_writer {
    char epoch[QL_UUID_SIZE];
    char writer[QL_UUID_SIZE];    /* "": none has begun */
    char applied[BOARD_SEQ_SIZE]; /* "": a rebuild */
    int n_scripts;
};

/* An entry as it is now. */
struct board_change {
    struct board board;
    struct board_position position; /* points and time count for what is listed */
    bool is_listed;
};

/* Begins a pass in boards of that epoch with a new writer, or a rebuild when it cannot be
 * otherwise. */
enum ql_code board_write_begin(struct ql_call *call, struct ql_redis *redis, const char *epoch,
                               bool is_rebuild, struct board_writer *ret_writer) QL_MUST_CHECK;

/* Writes at most BOARD_CHANGES_MAX entries. applied NULL: more scripts follow; else the pass
 * ends with it. ABORTED (BOARD_PASS_REFUSED): the pass must begin again. */
enum ql_code board_write_apply(struct ql_call *call, struct ql_redis *redis,
                               struct board_writer *writer, const struct board_change *changes,
                               size_t n_changes, const int64_t *applied) QL_MUST_CHECK;

/* Removes all boards, or those of one week (period NULL: all), in as many scripts as it
 * takes. ABORTED as above. */
enum ql_code board_write_forget(struct ql_call *call, struct ql_redis *redis,
                                struct board_writer *writer, const char *period) QL_MUST_CHECK;

/* What the hash of all boards holds; "" for what is missing. */
struct board_state {
    char epoch[QL_UUID_SIZE];
    char writer[QL_UUID_SIZE];
    char applied[BOARD_SEQ_SIZE];
    char n_scripts[BOARD_SEQ_SIZE];
};
enum ql_code board_write_state(struct ql_call *call, struct ql_redis *redis,
                               struct board_state *ret_state) QL_MUST_CHECK;

#endif
