/* Spelling paths. */
#include "platform/pb/schema/path.h"

#include <stdio.h>
#include <string.h>

#include "platform/base/utf8.h"

enum { NAME_MAX_BYTES = 64, INDEX_MAX_BYTES = 24, KEY_BYTES = 4 };

/* Keys of maps come from strangers: they are cut, at the start of a character. */
static size_t shown_length(const struct qli_path *path)
{
    return path->length <= NAME_MAX_BYTES ? path->length : ql_utf8_trim(path->name, NAME_MAX_BYTES);
}

static size_t needed(const struct qli_path *path)
{
    size_t size = 0;

    for (; path != NULL; path = path->parent)
        size += path->name == NULL ? INDEX_MAX_BYTES : KEY_BYTES + shown_length(path);
    return size;
}

/* Writes the parents first: as deep as the message is nested, which is bounded. */
static char *spell(const struct qli_path *path, char *text, const char *begin)
{
    size_t length;

    if (path == NULL)
        return text;
    text = spell(path->parent, text, begin);
    if (path->name == NULL)
        return text + snprintf(text, INDEX_MAX_BYTES, "[%zu]", path->index);
    length = shown_length(path);
    if (path->is_key) {
        memcpy(text, "[\"", 2);
        memcpy(text + 2, path->name, length);
        memcpy(text + 2 + length, "\"]", 2);
        return text + length + KEY_BYTES;
    }
    if (text != begin)
        *text++ = '.';
    memcpy(text, path->name, length);
    return text + length;
}

const char *qli_path_text(struct ql_arena *arena, const char *prefix, const struct qli_path *path)
{
    size_t prefix_length = strlen(prefix);
    char *text = ql_arena_alloc(arena, prefix_length + needed(path) + 1);

    if (text == NULL)
        return "";
    memcpy(text, prefix, prefix_length);
    *spell(path, text + prefix_length, text) = '\0';
    return text;
}
