/* The commands of the program about boards; app is a struct evaluation. */
#ifndef QL_EVALUATION_BOARD_COMMANDS_H
#define QL_EVALUATION_BOARD_COMMANDS_H

#include "platform/base/call.h"

/* --rebuild-boards: gives the database another epoch, so that whoever keeps the boards fills
 * them anew. */
enum ql_code board_commands_rebuild(struct ql_call *call, void *app);

/* --close-week: any failure of week_close. */
enum ql_code board_commands_close_week(struct ql_call *call, void *app);

#endif
