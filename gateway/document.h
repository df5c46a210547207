/* A body that many answers share: never changed once it is made, in plain form and,
 * where that is worth it, compressed with gzip, each with its validator. It lives as
 * long as somebody uses it. Any thread. */
#ifndef QL_GATEWAY_DOCUMENT_H
#define QL_GATEWAY_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>

#include "gateway/etag.h"

struct document;

/* One form of a document, of the document's life. */
struct document_form {
    const char *bytes;
    size_t length;
    const char *coding; /* "gzip"; NULL: none */
    char etag[ETAG_SIZE];
};

/* Copies the bytes; the caller uses it until document_release. NULL without memory. */
struct document *document_new(const char *bytes, size_t length);

struct document *document_use(struct document *document); /* returns it */
void document_release(struct document *document);         /* NULL is fine */

/* The compressed form when it is wanted and there is one, else the plain one. */
const struct document_form *document_form(const struct document *document, bool wants_gzip);

#endif
