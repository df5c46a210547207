/* A JSON document, written from top to bottom and laid out so that a change of
 * the contract reads well as a difference.
 *
 *     doc_open(doc, NULL, '{');
 *     doc_text(doc, "openapi", "3.1.0");
 *     doc_close(doc, '}');
 *
 * Keys are NULL within arrays. What fails shows in the buffer's `failed`. */
#ifndef QL_OPENAPI_DOC_H
#define QL_OPENAPI_DOC_H

#include "platform/base/buffer.h"

struct doc {
    struct ql_buffer *out;
    int depth;
    bool has_members; /* of what is open */
};

void doc_open(struct doc *doc, const char *key, char bracket);
void doc_close(struct doc *doc, char bracket);

void doc_text(struct doc *doc, const char *key, const char *text);
/* A number, true, false, null, or a whole value that is JSON already. */
void doc_literal(struct doc *doc, const char *key, const char *json);

/* A comment, its lines joined to paragraphs; nothing for none. */
void doc_comment(struct doc *doc, const char *key, const char *comment);

#endif
