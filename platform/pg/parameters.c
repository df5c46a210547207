/* Parameters of statements, as the texts PostgreSQL reads. */
#include "platform/pg/parameters.h"

#include <inttypes.h>
#include <string.h>

#include "platform/base/clock.h"
#include "platform/base/hex.h"

const char qli_pg_no_memory[] = "";

static const char *or_no_memory(const char *text)
{
    return text != NULL ? text : qli_pg_no_memory;
}

const char *ql_pg_from_int64(struct ql_call *call, int64_t number)
{
    return or_no_memory(ql_arena_printf(call->arena, "%" PRId64, number));
}

const char *ql_pg_from_unix_ms(struct ql_call *call, int64_t unix_ms)
{
    char text[QL_RFC3339_MAX];

    ql_rfc3339_from_unix_ms(unix_ms, text);
    return or_no_memory(ql_arena_strdup(call->arena, text));
}

/* Every byte escaped at worst, quotes and a comma. NULL is shorter than that. */
static size_t array_size(const char *const *texts, size_t n_texts)
{
    size_t size = sizeof("{}");

    for (size_t i = 0; i < n_texts; i++)
        size += texts[i] != NULL ? 2 * strlen(texts[i]) + 3 : sizeof("NULL,");
    return size;
}

static char *append_element(char *out, const char *text)
{
    if (text == NULL) {
        memcpy(out, "NULL", 4);
        return out + 4;
    }
    *out++ = '"';
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\')
            *out++ = '\\';
        *out++ = *text;
    }
    *out++ = '"';
    return out;
}

const char *ql_pg_from_array(struct ql_call *call, const char *const *texts, size_t n_texts)
{
    char *literal, *out;

    for (size_t i = 0; i < n_texts; i++)
        if (texts[i] == qli_pg_no_memory)
            return qli_pg_no_memory;
    literal = out = ql_arena_alloc(call->arena, array_size(texts, n_texts));
    if (literal == NULL)
        return qli_pg_no_memory;
    *out++ = '{';
    for (size_t i = 0; i < n_texts; i++) {
        if (i > 0)
            *out++ = ',';
        out = append_element(out, texts[i]);
    }
    *out++ = '}';
    *out = '\0';
    return literal;
}

const char *ql_pg_from_int64_array(struct ql_call *call, const int64_t *numbers, size_t n_numbers)
{
    const char **texts = ql_arena_calloc(call->arena, n_numbers, sizeof(*texts));

    if (texts == NULL)
        return qli_pg_no_memory;
    for (size_t i = 0; i < n_numbers; i++)
        texts[i] = ql_pg_from_int64(call, numbers[i]);
    return ql_pg_from_array(call, texts, n_numbers);
}

const char *ql_pg_from_bytes(struct ql_call *call, const void *bytes, size_t length)
{
    char *text;

    if (length > (SIZE_MAX - sizeof("\\x")) / 2)
        return qli_pg_no_memory;
    text = ql_arena_alloc(call->arena, 2 * length + sizeof("\\x"));
    if (text == NULL)
        return qli_pg_no_memory;
    memcpy(text, "\\x", 2);
    (void)ql_hex(text + 2, bytes, length);
    return text;
}
