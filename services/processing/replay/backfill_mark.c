/* Marks as JSON: seqs are texts, as all integers of 64 bits. */
#include "services/processing/replay/backfill_mark.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform/base/clock.h"
#include "platform/pb/json/value.h"

enum ql_code backfill_mark_row(struct ql_call *call, const struct backfill_mark *mark,
                               struct event_row *ret_row)
{
    char after[24], id[QL_UUID_SIZE];
    const char *const parts[] = {"backfill", mark->quest_id, mark->is_start ? "start" : after};

    snprintf(after, sizeof(after), "%" PRId64, mark->after_seq);
    ql_uuid_derive(id, parts, QL_ARRAY_LENGTH(parts));
    *ret_row =
        (struct event_row){.event_id = ql_arena_strdup(call->arena, id),
                           .user_id = "",
                           .event_type = QUEST_BACKFILL,
                           .occurred_ms = ql_unix_ms(),
                           .payload = ql_arena_printf(
                               call->arena,
                               "{\"questId\":\"%s\",\"afterSeq\":\"%" PRId64
                               "\",\"throughSeq\":\"%" PRId64 "\",\"isStart\":%s,\"isDone\":%s}",
                               mark->quest_id, mark->after_seq, mark->through_seq,
                               mark->is_start ? "true" : "false", mark->is_done ? "true" : "false"),
                           .traceparent = ""};
    return ret_row->event_id == NULL || ret_row->payload == NULL ? ql_fail_memory(call) : QL_OK;
}

static bool read_text(const struct ql_json_value *payload, const char *name, char *ret_text,
                      size_t size)
{
    const struct ql_json_value *value = ql_json_value_at(payload, name);

    if (value == NULL || value->kind != QL_JSON_TEXT || value->length >= size)
        return false;
    memcpy(ret_text, value->text, value->length);
    ret_text[value->length] = '\0';
    return true;
}

static bool read_seq(const struct ql_json_value *payload, const char *name, int64_t *ret_seq)
{
    char text[24];

    if (!read_text(payload, name, text, sizeof(text)))
        return false;
    *ret_seq = strtoll(text, NULL, 10);
    return true;
}

static bool is_true(const struct ql_json_value *payload, const char *name)
{
    const struct ql_json_value *value = ql_json_value_at(payload, name);

    return value != NULL && value->kind == QL_JSON_BOOL && value->truth;
}

enum ql_code backfill_mark_read(struct ql_call *call, int64_t seq, const char *payload,
                                struct backfill_mark *ret_mark)
{
    const struct ql_json_value *value = NULL;
    enum ql_code rc;

    memset(ret_mark, 0, sizeof(*ret_mark));
    rc = ql_json_value_read(call->arena, payload, strlen(payload), &value);
    if (rc == QL_RESOURCE_EXHAUSTED)
        return ql_fail_memory(call);
    if (rc != QL_OK ||
        !read_text(value, "questId", ret_mark->quest_id, sizeof(ret_mark->quest_id)) ||
        !read_seq(value, "afterSeq", &ret_mark->after_seq) ||
        !read_seq(value, "throughSeq", &ret_mark->through_seq))
        return ql_fail(call, QL_DATA_LOSS, "STORED_BACKFILL_UNREADABLE",
                       "the mark of event row %" PRId64 " cannot be read", seq);
    ret_mark->is_start = is_true(value, "isStart");
    ret_mark->is_done = is_true(value, "isDone");
    return QL_OK;
}

enum ql_code backfill_mark_apply(struct ql_call *call, const struct backfill_mark *mark,
                                 struct definitions *definitions)
{
    bool has_memory = mark->is_done
                          ? definitions_release(definitions, mark->quest_id)
                          : definitions_hold(definitions, mark->quest_id, mark->through_seq);

    return has_memory ? QL_OK : ql_fail_memory(call);
}
