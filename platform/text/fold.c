/* Folding by GLib's tables of Unicode. */
#include "platform/text/fold.h"

#include <stddef.h>
#include <string.h>

#include <glib.h>

#include "platform/base/attributes.h"

/* What writes the same mark as the ASCII one, and is left alone by NFKC. */
static const struct mark {
    gunichar typographic;
    char plain;
} marks[] = {
    {0x2018, '\''}, {0x2019, '\''}, {0x02bc, '\''}, {0x2032, '\''}, {0x201c, '"'}, {0x201d, '"'},
    {0x2010, '-'},  {0x2011, '-'},  {0x2012, '-'},  {0x2013, '-'},  {0x2014, '-'}, {0x2212, '-'},
};

static void free_text(char **text)
{
    g_free(*text);
}

/* A mark of more than one byte becomes one byte, so the text is only ever shortened. */
static void make_marks_plain(char *text)
{
    char *to = text;

    for (const char *from = text; *from != '\0';) {
        gunichar point = g_utf8_get_char(from);
        size_t width = (size_t)(g_utf8_next_char(from) - from), i = 0;

        while (i < QL_ARRAY_LENGTH(marks) && marks[i].typographic != point)
            i++;
        if (i < QL_ARRAY_LENGTH(marks))
            *to++ = marks[i].plain;
        else
            to = (char *)memmove(to, from, width) + width;
        from += width;
    }
    *to = '\0';
}

/* g_unichar_isspace leaves out two control characters that are White_Space. */
static bool is_space(gunichar point)
{
    return g_unichar_isspace(point) || point == 0x0b || point == 0x85;
}

static void join_spaces(char *text)
{
    char *to = text;
    bool is_apart = false;

    for (const char *from = text; *from != '\0';) {
        size_t width = (size_t)(g_utf8_next_char(from) - from);

        if (is_space(g_utf8_get_char(from))) {
            is_apart = true;
        } else {
            if (is_apart && to != text)
                *to++ = ' ';
            is_apart = false;
            to = (char *)memmove(to, from, width) + width;
        }
        from += width;
    }
    *to = '\0';
}

/* Cherokee alone folds to its capital letters (CaseFolding.txt). GLib folds its small letters
 * so, and makes small letters of the capital ones. Both have three bytes. */
static void make_cherokee_capital(char *text)
{
    for (char *at = text; *at != '\0'; at = g_utf8_next_char(at)) {
        gunichar point = g_utf8_get_char(at);

        if (point >= 0xab70 && point <= 0xabbf)
            (void)g_unichar_to_utf8(point - 0xab70 + 0x13a0, at);
        else if (point >= 0x13f8 && point <= 0x13fd)
            (void)g_unichar_to_utf8(point - 0x13f8 + 0x13f0, at);
    }
}

/* Case folding can leave letters and accents apart that NFKC composes. */
static char *fold_case(const char *text)
{
    QL_CLEANUP(free_text) char *folded = g_utf8_casefold(text, -1);

    make_cherokee_capital(folded);
    return g_utf8_normalize(folded, -1, G_NORMALIZE_ALL_COMPOSE);
}

char *ql_text_fold(struct ql_arena *arena, const char *text, bool is_case_sensitive)
{
    QL_CLEANUP(free_text) char *composed = NULL;
    QL_CLEANUP(free_text) char *folded = NULL;
    char *form;

    if (strnlen(text, QL_TEXT_FOLD_BYTES_MAX + 1) > QL_TEXT_FOLD_BYTES_MAX ||
        !g_utf8_validate(text, -1, NULL))
        return NULL;
    composed = g_utf8_normalize(text, -1, G_NORMALIZE_ALL_COMPOSE);
    make_marks_plain(composed);
    if (!is_case_sensitive)
        folded = fold_case(composed);
    form = folded == NULL ? composed : folded;
    join_spaces(form);
    return ql_arena_strdup(arena, form);
}
