/* Members and places of boards. */
#include "services/evaluation/boards/board.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

bool board_member_write(const struct board_place *place, unsigned char ret[BOARD_MEMBER_BYTES])
{
    uint64_t reached = (uint64_t)place->reached_ms;

    if (place->reached_ms < 0 || !ql_uuid_to_bytes(place->user_id, ret + BOARD_TIME_BYTES))
        return false;
    for (int i = BOARD_TIME_BYTES - 1; i >= 0; i--, reached >>= 8)
        ret[i] = (unsigned char)(reached & 0xff);
    return true;
}

void board_member_read(const unsigned char member[BOARD_MEMBER_BYTES], struct board_place *place)
{
    uint64_t reached = 0;

    for (int i = 0; i < BOARD_TIME_BYTES; i++)
        reached = reached << 8 | member[i];
    place->reached_ms = (int64_t)reached;
    ql_uuid_from_bytes(place->user_id, member + BOARD_TIME_BYTES);
}

void board_place_print(const struct board_place *place, char ret_text[BOARD_PLACE_TEXT_SIZE])
{
    snprintf(ret_text, BOARD_PLACE_TEXT_SIZE, "%" PRId32 " %" PRId64 " %s", place->millipoints,
             place->reached_ms, place->user_id);
}

bool board_place_parse(const char *text, struct board_place *ret_place)
{
    char id[QL_UUID_SIZE];
    int n_read = 0;

    if (sscanf(text, "%" SCNd32 " %" SCNd64 " %36s%n", &ret_place->millipoints,
               &ret_place->reached_ms, id, &n_read) != 3 ||
        text[n_read] != '\0' || !ql_uuid_is_valid(id))
        return false;
    ql_uuid_copy(ret_place->user_id, id);
    return ret_place->reached_ms >= 0;
}
