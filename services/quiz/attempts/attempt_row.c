/* The columns of an attempt. */
#include "services/quiz/attempts/attempt_row.h"

#include <stdio.h>
#include <string.h>

/* The columns that attempt.sql selects of an attempt, in its order. */
enum {
    ATTEMPT_ID,
    USER_ID,
    QUIZ_ID,
    QUIZ_VERSION,
    ORDINAL,
    STATE,
    ENDED_BY,
    SEED,
    STARTED_MS,
    DEADLINE_MS,
    ENDED_MS,
    MILLIPOINTS,
    MAX_MILLIPOINTS,
    PERCENT,
    BASIS_POINTS,
    PASSED,
    ITEM_MILLIPOINTS,
    NOW_MS,
    IS_LATE,
};

/* Where an attempt is in a result. */
struct row {
    const struct ql_pg_rows *rows;
    size_t number, first_column;
};

static const char *text_at(const struct row *row, size_t column)
{
    return ql_pg_text(row->rows, row->number, row->first_column + column);
}

static int64_t number_at(const struct row *row, size_t column)
{
    return ql_pg_int64(row->rows, row->number, row->first_column + column);
}

static void copy_uuid(char ret_uuid[QL_UUID_SIZE], const struct row *row, size_t column)
{
    snprintf(ret_uuid, QL_UUID_SIZE, "%s", text_at(row, column));
}

/* The number of an enum's value by its name, which is the column's too; 0 for "". */
static int enum_at(const struct row *row, size_t column, const ProtobufCEnumDescriptor *type)
{
    const ProtobufCEnumValue *value =
        protobuf_c_enum_descriptor_get_value_by_name(type, text_at(row, column));

    return value == NULL ? 0 : value->value;
}

static enum ql_code read_seed(struct ql_call *call, const struct row *row, struct attempt *attempt)
{
    uint8_t *bytes;
    size_t length;
    enum ql_code rc;

    rc = ql_pg_bytes(call, row->rows, row->number, row->first_column + SEED, &bytes, &length);
    if (rc != QL_OK)
        return rc;
    if (length == sizeof(attempt->seed))
        memcpy(attempt->seed, bytes, length);
    return QL_OK;
}

static void read_score(const struct row *row, struct attempt *attempt)
{
    attempt->millipoints = (int32_t)number_at(row, MILLIPOINTS);
    attempt->max_millipoints = (int32_t)number_at(row, MAX_MILLIPOINTS);
    attempt->percent = (int32_t)number_at(row, PERCENT);
    attempt->basis_points = (int32_t)number_at(row, BASIS_POINTS);
    attempt->passed = text_at(row, PASSED)[0] == 't';
}

enum ql_code attempt_row_read(struct ql_call *call, const struct ql_pg_rows *rows, size_t number,
                              size_t first_column, struct attempt *ret_attempt)
{
    const struct row at = {.rows = rows, .number = number, .first_column = first_column};
    const struct row *row = &at;
    int32_t *items;
    enum ql_code rc;

    memset(ret_attempt, 0, sizeof(*ret_attempt));
    copy_uuid(ret_attempt->attempt_id, row, ATTEMPT_ID);
    copy_uuid(ret_attempt->user_id, row, USER_ID);
    copy_uuid(ret_attempt->quiz_id, row, QUIZ_ID);
    ret_attempt->quiz_version = (int32_t)number_at(row, QUIZ_VERSION);
    ret_attempt->ordinal = (int32_t)number_at(row, ORDINAL);
    ret_attempt->state = (Questline__Quiz__V1__AttemptState)enum_at(
        row, STATE, &questline__quiz__v1__attempt_state__descriptor);
    ret_attempt->ended_by = (Questline__Quiz__V1__EndedBy)enum_at(
        row, ENDED_BY, &questline__quiz__v1__ended_by__descriptor);
    ret_attempt->started_ms = number_at(row, STARTED_MS);
    ret_attempt->deadline_ms = number_at(row, DEADLINE_MS);
    ret_attempt->ended_ms = number_at(row, ENDED_MS);
    ret_attempt->now_ms = number_at(row, NOW_MS);
    ret_attempt->is_late = text_at(row, IS_LATE)[0] == 't';
    read_score(row, ret_attempt);
    rc = ql_pg_int32_array(call, rows, number, first_column + ITEM_MILLIPOINTS, &items,
                           &ret_attempt->n_items);
    if (rc != QL_OK)
        return rc;
    ret_attempt->item_millipoints = items;
    return read_seed(call, row, ret_attempt);
}
