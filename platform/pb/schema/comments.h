/* Comments and line numbers of a file's declarations, from its SourceCodeInfo. */
#ifndef QLI_PB_SCHEMA_COMMENTS_H
#define QLI_PB_SCHEMA_COMMENTS_H

#include "platform/pb/schema/build.h"

/* Names a declaration within its file (SourceCodeInfo.Location.path). */
struct qli_declaration {
    int32_t path[2 * QLI_SCHEMA_MAX_NESTING + 4];
    size_t length;
};

/* The declaration that is number index of a field of outer. */
struct qli_declaration qli_declaration_in(const struct qli_declaration *outer, int32_t number,
                                          size_t index);

/* The comment of a declaration; "" for none. */
const char *qli_comment_at(struct qli_schema_build *build,
                           const struct qli_declaration *declaration);

/* The line of a declaration that has a comment, counted from one; 0 for any other. */
int qli_line_at(const struct qli_schema_build *build, const struct qli_declaration *declaration);

#endif
