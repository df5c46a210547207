/* The keeper of boards: a thread of every process, which looks at the database's changes for
 * the reads of its process (freshness.h). One of them, which has the lease, makes the boards
 * in Redis follow (board_pass.h), at once when a transaction of its process has changed them,
 * else with its next look. The lease saves work and protects nothing: a keeper that was
 * stopped and wakes is refused by the scripts. */
#ifndef QL_EVALUATION_BOARD_KEEPER_H
#define QL_EVALUATION_BOARD_KEEPER_H

#include "services/evaluation/boards/boards.h"

/* NULL without memory. The boards must outlive it. */
struct board_keeper *board_keeper_start(struct boards *boards);
void board_keeper_stop(struct board_keeper *keeper); /* NULL is fine */
void board_keeper_wake(struct board_keeper *keeper); /* any thread; never blocks; NULL is fine */

#endif
