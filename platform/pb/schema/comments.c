/* Comments of a .proto file, found by the path of a declaration. They become
 * the documentation of the API. */
#include "platform/pb/schema/comments.h"

#include <stdlib.h>
#include <string.h>

typedef Google__Protobuf__SourceCodeInfo__Location location;

struct qli_declaration qli_declaration_in(const struct qli_declaration *outer, int32_t number,
                                          size_t index)
{
    struct qli_declaration declaration = *outer;

    declaration.path[declaration.length++] = number;
    declaration.path[declaration.length++] = (int32_t)index;
    return declaration;
}

static int path_compare(const int32_t *left, size_t left_length, const int32_t *right,
                        size_t right_length)
{
    for (size_t i = 0; i < left_length && i < right_length; i++)
        if (left[i] != right[i])
            return left[i] < right[i] ? -1 : 1;
    return left_length == right_length ? 0 : left_length < right_length ? -1 : 1;
}

static int location_compare(const void *left, const void *right)
{
    const location *a = *(const location *const *)left, *b = *(const location *const *)right;

    return path_compare(a->path, a->n_path, b->path, b->n_path);
}

bool qli_comments_read(struct qli_schema_build *build,
                       const Google__Protobuf__FileDescriptorProto *file)
{
    const Google__Protobuf__SourceCodeInfo *info = file->source_code_info;

    build->n_comments = 0;
    if (info == NULL)
        return true;
    build->comments = ql_arena_calloc(build->scratch, info->n_location, sizeof(*build->comments));
    if (build->comments == NULL)
        return qli_schema_fail(build, "out of memory");
    for (size_t i = 0; i < info->n_location; i++)
        if (info->location[i]->leading_comments != NULL ||
            info->location[i]->trailing_comments != NULL)
            build->comments[build->n_comments++] = info->location[i];
    qsort(build->comments, build->n_comments, sizeof(*build->comments), location_compare);
    return true;
}

/* "// Text" arrives as " Text\n": the blank after the slashes and the last line
 * break go. */
static const char *comment_clean(struct ql_arena *arena, const char *raw)
{
    char *text = ql_arena_alloc(arena, strlen(raw) + 1), *end = text;
    bool at_line_start = true;

    if (text == NULL)
        return "";
    for (; *raw != '\0'; raw++) {
        if (!at_line_start || *raw != ' ')
            *end++ = *raw;
        at_line_start = *raw == '\n';
    }
    while (end > text && (end[-1] == '\n' || end[-1] == ' '))
        end--;
    *end = '\0';
    return text;
}

static const location *location_at(const struct qli_schema_build *build,
                                   const struct qli_declaration *declaration)
{
    size_t low = 0, high = build->n_comments;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const location *found = build->comments[middle];
        int order =
            path_compare(found->path, found->n_path, declaration->path, declaration->length);

        if (order == 0)
            return found;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

const char *qli_comment_at(struct qli_schema_build *build,
                           const struct qli_declaration *declaration)
{
    const location *found = location_at(build, declaration);

    if (found == NULL)
        return "";
    return comment_clean(build->schema->arena, found->leading_comments != NULL
                                                   ? found->leading_comments
                                                   : found->trailing_comments);
}

int qli_line_at(const struct qli_schema_build *build, const struct qli_declaration *declaration)
{
    const location *found = location_at(build, declaration);

    return found == NULL || found->n_span == 0 ? 0 : found->span[0] + 1;
}
