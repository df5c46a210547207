/* Reading and writing `traceparent` (W3C Trace Context, section 3.2). */
#include "platform/base/trace.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "platform/base/id.h"

/* Where the parts of "00-<trace id>-<parent id>-<flags>" begin. */
enum {
    TRACE_ID_AT = 3,
    PARENT_ID_AT = 36,
    FLAGS_AT = 53,
    VERSION_00_LENGTH = 55,
};

/* The standard allows lower case only. */
static bool is_lower_hex(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (!((text[i] >= '0' && text[i] <= '9') || (text[i] >= 'a' && text[i] <= 'f')))
            return false;
    return true;
}

static bool is_all_zero(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (text[i] != '0')
            return false;
    return true;
}

static bool is_well_formed(const char *text)
{
    size_t length = strlen(text);

    if (length < VERSION_00_LENGTH)
        return false;
    if (text[2] != '-' || text[PARENT_ID_AT - 1] != '-' || text[FLAGS_AT - 1] != '-')
        return false;
    if (!is_lower_hex(text, 2) || strncmp(text, "ff", 2) == 0)
        return false;
    if (!is_lower_hex(text + TRACE_ID_AT, 32) || is_all_zero(text + TRACE_ID_AT, 32))
        return false;
    if (!is_lower_hex(text + PARENT_ID_AT, 16) || is_all_zero(text + PARENT_ID_AT, 16))
        return false;
    if (!is_lower_hex(text + FLAGS_AT, 2))
        return false;
    if (length == VERSION_00_LENGTH)
        return true;
    /* Later versions may append fields, after another dash. */
    return strncmp(text, "00", 2) != 0 && text[VERSION_00_LENGTH] == '-';
}

void ql_trace_new(struct ql_trace *ret_trace)
{
    ql_random_hex(ret_trace->trace_id, 16);
    ql_random_hex(ret_trace->span_id, 8);
    ret_trace->sampled = true;
}

void ql_trace_continue(struct ql_trace *ret_trace, const char *traceparent)
{
    char low_flags;

    if (traceparent == NULL || !is_well_formed(traceparent)) {
        ql_trace_new(ret_trace);
        return;
    }
    memcpy(ret_trace->trace_id, traceparent + TRACE_ID_AT, 32);
    ret_trace->trace_id[32] = '\0';
    ql_random_hex(ret_trace->span_id, 8);
    low_flags = traceparent[FLAGS_AT + 1];
    /* 'a' is 0x61 and means ten: the lowest bit of a letter is the inverse of its value's. */
    ret_trace->sampled = low_flags <= '9' ? (low_flags & 1) != 0 : (low_flags & 1) == 0;
}

void ql_trace_format(const struct ql_trace *trace, char ret_text[QL_TRACEPARENT_SIZE])
{
    snprintf(ret_text, QL_TRACEPARENT_SIZE, "00-%s-%s-%s", trace->trace_id, trace->span_id,
             trace->sampled ? "01" : "00");
}
