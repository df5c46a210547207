/* Reading a pattern by recursive descent, which copies it as POSIX spells it. */
#include "platform/pb/validate/expression.h"

#include <stdbool.h>
#include <string.h>

enum { GROUPS_MAX = 8, COUNT_MAX = 1000 }; /* RE2 counts no further than this */

static const char syntax[] = "^$\\.*+?()[{|";
static const char quantifiers[] = "*+?{";

struct reader {
    const char *at;
    char *out;
    const char *fault; /* the first thing wrong; NULL: nothing */
    unsigned depth;    /* groups that are open */
};

static void pattern_fail(struct reader *reader, const char *fault)
{
    if (reader->fault == NULL)
        reader->fault = fault;
}

static void character_copy(struct reader *reader)
{
    *reader->out++ = *reader->at++;
}

static void character_expect(struct reader *reader, char c, const char *fault)
{
    if (*reader->at != c)
        pattern_fail(reader, fault);
    else
        character_copy(reader);
}

static bool is_printable(char c)
{
    return c >= ' ' && c <= '~';
}

static int hex_digit(char c)
{
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";
    const char *found = c == '\0' ? NULL : strchr(digits, c);

    return found == NULL ? -1 : (int)((found - digits) % 16);
}

/* Appends a control character, \xHH, as itself. A text has no NUL, so that a range from
 * there begins behind it. */
static int read_control(struct reader *reader)
{
    int high = reader->at[1] == 'x' ? hex_digit(reader->at[2]) : -1;
    int low = high < 0 ? -1 : hex_digit(reader->at[3]);
    int c = high * 16 + low;

    if (low < 0 || (c >= ' ' && c != 0x7f)) {
        pattern_fail(reader, "has a \\ in a class that is no \\xHH of a control character");
        return 0;
    }
    if (c == 0 && reader->at[4] != '-')
        pattern_fail(reader, "has a NUL, which no text has");
    reader->at += 4;
    *reader->out++ = (char)(c == 0 ? 1 : c);
    return c;
}

static int read_member(struct reader *reader)
{
    char c = *reader->at;

    if (c == '\\')
        return read_control(reader);
    if (!is_printable(c))
        pattern_fail(reader, c == '\0' ? "has a class that does not end"
                                       : "has a character beyond printable ASCII");
    else if (c == '[' || (c == reader->at[1] && strchr("&~", c) != NULL))
        pattern_fail(reader, "has a class within a class, or an operation on classes");
    else
        character_copy(reader);
    return c;
}

static bool range_begins(const struct reader *reader)
{
    return reader->at[0] == '-' && reader->at[1] != ']';
}

/* One member, or a range. "-" means itself as the first and as the last one. */
static void read_members(struct reader *reader)
{
    int first = read_member(reader), last;

    if (reader->fault != NULL || !range_begins(reader))
        return;
    character_copy(reader);
    last = read_member(reader);
    if (last < first)
        pattern_fail(reader, "has a range that ends before it begins");
    if (first == '-' || last == '-' || range_begins(reader))
        pattern_fail(reader, "has a - between others that is no range");
}

static void read_class(struct reader *reader)
{
    character_copy(reader);
    if (*reader->at == '^')
        character_copy(reader);
    if (*reader->at == ']')
        pattern_fail(reader, "has an empty class");
    while (reader->fault == NULL && *reader->at != ']')
        read_members(reader);
    character_expect(reader, ']', "has a class that does not end");
}

static unsigned read_sequence(struct reader *reader);

static unsigned read_group(struct reader *reader)
{
    unsigned most = 1, count;

    if (++reader->depth > GROUPS_MAX)
        pattern_fail(reader, "has too many groups within each other");
    do {
        character_copy(reader); /* "(" or "|" */
        if (strchr("|)", *reader->at) != NULL)
            pattern_fail(reader, "has an empty alternative");
        count = reader->fault == NULL ? read_sequence(reader) : 1;
        most = count > most ? count : most;
    } while (reader->fault == NULL && *reader->at == '|');
    character_expect(reader, ')', "has a group that does not end");
    reader->depth--;
    return most;
}

/* How often its pieces are repeated at most, * and + left out. */
static unsigned read_atom(struct reader *reader)
{
    char c = *reader->at;

    if (c == '(')
        return read_group(reader);
    if (c == '[') {
        read_class(reader);
        return 1;
    }
    if (!is_printable(c))
        pattern_fail(reader, "has a character beyond printable ASCII");
    else if (c == '\\' && (reader->at[1] == '\0' || strchr(syntax, reader->at[1]) == NULL))
        pattern_fail(reader, "escapes what is no syntax character");
    else if (c == '\\')
        character_copy(reader);
    else if (strchr("]}", c) != NULL || strchr(syntax, c) != NULL)
        pattern_fail(reader, "has ^, $, ., |, a bracket or a quantifier where none is understood");
    if (reader->fault == NULL)
        character_copy(reader);
    return 1;
}

static unsigned read_number(struct reader *reader)
{
    unsigned number = 0;

    if (*reader->at < '0' || *reader->at > '9')
        pattern_fail(reader, "has a { without a number");
    while (*reader->at >= '0' && *reader->at <= '9' && number <= COUNT_MAX) {
        number = number * 10 + (unsigned)(*reader->at - '0');
        character_copy(reader);
    }
    return number;
}

/* {n}, {n,} or {n,m}; the larger number. */
static unsigned read_braces(struct reader *reader)
{
    unsigned least, most;

    character_copy(reader);
    least = most = read_number(reader);
    if (*reader->at == ',') {
        character_copy(reader);
        most = *reader->at == '}' ? least : read_number(reader);
    }
    if (most < least)
        pattern_fail(reader, "counts to less than it begins with");
    character_expect(reader, '}', "has a { that does not end");
    return most == 0 ? 1 : most;
}

static bool quantifier_follows(const struct reader *reader)
{
    return *reader->at != '\0' && strchr(quantifiers, *reader->at) != NULL;
}

/* An atom and its quantifier. */
static unsigned read_piece(struct reader *reader)
{
    unsigned count = read_atom(reader);

    if (reader->fault != NULL || !quantifier_follows(reader))
        return count;
    if (*reader->at == '{')
        count *= read_braces(reader);
    else
        character_copy(reader);
    if (count > COUNT_MAX)
        pattern_fail(reader, "counts further than 1000");
    if (quantifier_follows(reader))
        pattern_fail(reader, "has a quantifier behind a quantifier");
    return count;
}

static bool sequence_goes_on(const struct reader *reader)
{
    if (reader->fault != NULL || *reader->at == '\0' || *reader->at == ')')
        return false;
    if (*reader->at == '$' && reader->at[1] == '\0')
        return false;
    return *reader->at != '|' || reader->depth == 0;
}

static unsigned read_sequence(struct reader *reader)
{
    unsigned most = 1;

    while (sequence_goes_on(reader)) {
        unsigned count = read_piece(reader);

        most = count > most ? count : most;
    }
    return most;
}

const char *qli_expression_read(const char *text, char *out)
{
    struct reader reader = {.at = text, .out = out};

    if (*text == '\0')
        return "is empty";
    if (*text == '^')
        character_copy(&reader);
    (void)read_sequence(&reader);
    if (*reader.at == '$')
        character_copy(&reader);
    if (*reader.at != '\0')
        pattern_fail(&reader, "has a ) without a (");
    *reader.out = '\0';
    return reader.fault;
}
