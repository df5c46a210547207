/* Members and places of boards. */
#include "services/evaluation/boards/board.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool board_member_write(const struct board_position *position,
                        unsigned char ret[BOARD_MEMBER_BYTES])
{
    uint64_t reached = (uint64_t)position->reached_ms;

    if (position->reached_ms < 0 || !ql_uuid_to_bytes(position->user_id, ret + BOARD_TIME_BYTES))
        return false;
    for (int i = BOARD_TIME_BYTES - 1; i >= 0; i--, reached >>= 8)
        ret[i] = (unsigned char)(reached & 0xff);
    return true;
}

void board_member_read(const unsigned char member[BOARD_MEMBER_BYTES],
                       struct board_position *position)
{
    uint64_t reached = 0;

    for (int i = 0; i < BOARD_TIME_BYTES; i++)
        reached = reached << 8 | member[i];
    position->reached_ms = (int64_t)reached;
    ql_uuid_from_bytes(position->user_id, member + BOARD_TIME_BYTES);
}

void board_position_print(const struct board_position *position,
                          char ret_text[BOARD_POSITION_TEXT_SIZE])
{
    snprintf(ret_text, BOARD_POSITION_TEXT_SIZE, "%" PRId32 " %" PRId64 " %s",
             position->millipoints, position->reached_ms, position->user_id);
}

bool board_position_parse(const char *text, struct board_position *ret_position)
{
    char *end;
    long points = strtol(text, &end, 10);
    long long reached;

    if (*end != ' ' || points < 0 || points > INT32_MAX)
        return false;
    reached = strtoll(end + 1, &end, 10);
    if (*end != ' ' || reached < 0 || !ql_uuid_is_valid(end + 1))
        return false;
    ret_position->millipoints = (int32_t)points;
    ret_position->reached_ms = reached;
    ql_uuid_copy(ret_position->user_id, end + 1);
    return true;
}
