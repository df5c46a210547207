/* Building and writing log lines.
 *
 * A line is never longer than PIPE_BUF, so that lines of several processes in one pipe
 * do not mix. A value that does not fit is shortened, with a marker, or left out, so that
 * every line is complete JSON. */
#include "platform/base/log.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "platform/base/buffer.h"
#include "platform/base/clock.h"
#include "platform/base/log_writer.h"
#include "platform/base/utf8.h"

#define CUT_MARKER   "...[cut]"
#define LINE_END_CUT ",\"cut\":true}\n"

enum {
    LINE_MAX_BYTES = PIPE_BUF,
    FIELDS_MAX_BYTES = LINE_MAX_BYTES - (int)sizeof(LINE_END_CUT),
    TEXT_LONGEST = 1024, /* bytes of a value before its escapes */
    TEXT_SHORTEST = 64,  /* a value of which not even this much fits is left out */
    SERVICE_NAME_MAX = 64,
};

static char log_service[SERVICE_NAME_MAX] = "questline";
static enum ql_log_level log_lowest = QL_LOG_INFO;

static const char *const level_names[] = {"debug", "info", "warn", "error"};

void ql_log_setup(const char *service, enum ql_log_level lowest)
{
    snprintf(log_service, sizeof(log_service), "%s", service);
    log_lowest = lowest;
}

void ql_log_redirect(int fd)
{
    qli_log_writer_redirect(fd);
}

bool ql_log_level_parse(const char *text, enum ql_log_level *ret_level)
{
    for (size_t i = 0; text != NULL && i < QL_ARRAY_LENGTH(level_names); i++) {
        if (strcmp(text, level_names[i]) == 0) {
            *ret_level = (enum ql_log_level)i;
            return true;
        }
    }
    return false;
}

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_alphabetic(char c)
{
    return is_upper(c) || (c >= 'a' && c <= 'z');
}

/* "key" in "key", "apiKey", "api_key" and "KEY_ID", not in "monkey" or "keyed". */
static bool has_word_key(const char *name)
{
    for (const char *at = strcasestr(name, "key"); at != NULL; at = strcasestr(at + 1, "key")) {
        bool begins =
            at == name || !is_alphabetic(at[-1]) || (is_upper(at[0]) && !is_upper(at[-1]));
        bool ends = !is_alphabetic(at[3]) || (is_upper(at[3]) && !is_upper(at[2])) ||
                    (at[3] == 's' && !is_alphabetic(at[4]));

        if (begins && ends)
            return true;
    }
    return false;
}

/* The long words mark a secret inside other words too ("userpassword"). */
static bool is_secret(const char *name)
{
    static const char *const words[] = {"password", "token", "secret", "authorization"};

    /* Each of the words, and "key", has one of these letters; most names have none. */
    if (strpbrk(name, "kwczKWCZ") == NULL)
        return false;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(words); i++)
        if (strcasestr(name, words[i]) != NULL)
            return true;
    return has_word_key(name);
}

static void append_text(struct ql_buffer *line, const char *text, size_t longest)
{
    char shortened[TEXT_LONGEST + sizeof(CUT_MARKER)];
    size_t length = strnlen(text, longest + 1);

    if (length <= longest) {
        ql_buffer_append_json_string(line, text, length);
        return;
    }
    length = ql_utf8_trim(text, longest);
    memcpy(shortened, text, length);
    memcpy(shortened + length, CUT_MARKER, sizeof(CUT_MARKER));
    ql_buffer_append_json_string(line, shortened, length + sizeof(CUT_MARKER) - 1);
}

/* Without printf for numbers that are not negative: a line has several of them. */
static void append_number(struct ql_buffer *line, int64_t number)
{
    char digits[24];
    char *at = digits + sizeof(digits);

    if (number < 0) {
        ql_buffer_printf(line, "%" PRId64, number);
        return;
    }
    do
        *--at = (char)('0' + number % 10);
    while ((number /= 10) > 0);
    ql_buffer_append(line, at, (size_t)(digits + sizeof(digits) - at));
}

static void append_field(struct ql_buffer *line, const struct ql_log_field *field, size_t longest)
{
    ql_buffer_append_byte(line, ',');
    append_text(line, field->key, TEXT_SHORTEST);
    ql_buffer_append_byte(line, ':');
    if (is_secret(field->key))
        ql_buffer_append_text(line, "\"***\"");
    else if (field->kind == QL_LOG_KIND_NUMBER)
        append_number(line, field->number);
    else if (field->kind == QL_LOG_KIND_BOOL)
        ql_buffer_append_text(line, field->number != 0 ? "true" : "false");
    else if (field->text == NULL)
        ql_buffer_append_text(line, "null");
    else
        append_text(line, field->text, longest);
}

/* Tries shorter forms of the value until the field fits; false, and an unchanged line,
 * when the shortest does not. */
static bool append_field_that_fits(struct ql_buffer *line, const struct ql_log_field *field)
{
    const size_t length = line->length;

    for (size_t longest = TEXT_LONGEST; longest >= TEXT_SHORTEST; longest /= 2) {
        append_field(line, field, longest);
        if (!line->failed)
            return true;
        line->length = length;
        line->data[length] = '\0';
        line->failed = false;
    }
    return false;
}

static void append_head(struct ql_buffer *line, enum ql_log_level level,
                        const struct ql_trace *trace)
{
    char now[QL_RFC3339_MAX];

    ql_rfc3339_from_unix_ms(ql_unix_ms(), now);
    ql_buffer_append_text(line, "{\"time\":\"");
    ql_buffer_append_text(line, now);
    ql_buffer_append_text(line, "\",\"level\":\"");
    ql_buffer_append_text(line, level_names[level]);
    ql_buffer_append_text(line, "\",\"service\":");
    append_text(line, log_service, sizeof(log_service));
    if (trace != NULL) {
        ql_buffer_append_text(line, ",\"traceId\":");
        append_text(line, trace->trace_id, sizeof(trace->trace_id));
    }
}

/* Into bytes of LINE_MAX_BYTES + 1; the line's length. */
static size_t line_build(char *bytes, enum ql_log_level level, const struct ql_trace *trace,
                         const struct ql_log_field *fields)
{
    /* The buffer never grows past its limit, so this one stays on the stack. */
    struct ql_buffer line = {
        .data = bytes, .capacity = LINE_MAX_BYTES + 1, .limit = FIELDS_MAX_BYTES};
    bool cut = false;

    append_head(&line, level, trace);
    for (; fields->kind != QL_LOG_END; fields++)
        if (!append_field_that_fits(&line, fields))
            cut = true;
    line.limit = LINE_MAX_BYTES;
    ql_buffer_append_text(&line, cut ? LINE_END_CUT : "}\n");
    return line.length;
}

void ql_log_write(enum ql_log_level level, const struct ql_trace *trace,
                  const struct ql_log_field *fields)
{
    char bytes[LINE_MAX_BYTES + 1];
    size_t length;

    if (level < log_lowest)
        return;
    length = line_build(bytes, level, trace, fields);
    if (level >= QL_LOG_WARN || !qli_log_writer_append(bytes, length, false))
        qli_log_writer_write(bytes, length);
}

bool ql_log_offer(enum ql_log_level level, const struct ql_trace *trace,
                  const struct ql_log_field *fields)
{
    char bytes[LINE_MAX_BYTES + 1];
    size_t length;

    if (level < log_lowest)
        return true;
    length = line_build(bytes, level, trace, fields);
    if (qli_log_writer_append(bytes, length, level >= QL_LOG_WARN))
        return true;
    if (qli_log_writer_is_running())
        return false;
    qli_log_writer_write(bytes, length);
    return true;
}

bool ql_log_start(void)
{
    return qli_log_writer_start();
}

void ql_log_stop(void)
{
    qli_log_writer_stop();
}
