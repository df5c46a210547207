/* Patterns, matched by the C library. */
#include "platform/pb/validate/pattern.h"

#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "platform/pb/validate/expression.h"

struct ql_pattern {
    const char *text;
    char *posix; /* the same expression for regcomp */
    regex_t compiled;
};

struct ql_pattern *ql_pattern_new(struct ql_arena *arena, const char *text, const char **ret_fault)
{
    struct ql_pattern *pattern = ql_arena_calloc(arena, 1, sizeof(*pattern));

    *ret_fault = "is more than memory holds";
    if (pattern == NULL)
        return NULL;
    pattern->text = ql_arena_strdup(arena, text);
    pattern->posix = ql_arena_alloc(arena, strlen(text) + 1); /* never longer */
    if (pattern->text == NULL || pattern->posix == NULL)
        return NULL;
    *ret_fault = qli_expression_read(text, pattern->posix);
    return *ret_fault == NULL ? pattern : NULL;
}

const char *ql_pattern_text(const struct ql_pattern *pattern)
{
    return pattern->text;
}

bool ql_pattern_compile(struct ql_pattern *pattern)
{
    return MB_CUR_MAX == 1 &&
           regcomp(&pattern->compiled, pattern->posix, REG_EXTENDED | REG_NOSUB) == 0;
}

void ql_pattern_done(struct ql_pattern *pattern)
{
    regfree(&pattern->compiled);
}

static bool text_is_ascii(const char *text)
{
    while (*text != '\0' && (*text & 0x80) == 0)
        text++;
    return *text == '\0';
}

static bool bytes_match(const struct ql_pattern *pattern, const char *bytes)
{
    return regexec(&pattern->compiled, bytes, 0, NULL, 0) == 0;
}

/* Patterns name no code point beyond ASCII, so that of each its first byte is enough, and
 * what stands for one code point in a pattern takes one byte. */
bool ql_pattern_matches(const struct ql_pattern *pattern, const char *text)
{
    char *first_bytes, *end;
    bool matches;

    if (text_is_ascii(text))
        return bytes_match(pattern, text);
    first_bytes = end = malloc(strlen(text) + 1);
    if (first_bytes == NULL)
        return false;
    for (; *text != '\0'; text++)
        if ((*text & 0xc0) != 0x80)
            *end++ = *text;
    *end = '\0';
    matches = bytes_match(pattern, first_bytes);
    free(first_bytes);
    return matches;
}
