/* A body that many answers share: immutable, in plain form and, when that is smaller,
 * compressed with gzip, each form with its validator. Reference-counted. Any thread. */
#ifndef QL_GATEWAY_DOCUMENT_H
#define QL_GATEWAY_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>

#include "gateway/etag.h"

struct document;

/* One form of a document, valid as long as the document. */
struct document_form {
    const char *bytes;
    size_t length;
    const char *coding; /* "gzip"; NULL: none */
    char etag[ETAG_SIZE];
};

/* Copies the bytes; the caller releases the document. NULL without memory. */
struct document *document_new(const char *bytes, size_t length);

struct document *document_use(struct document *document); /* adds a reference; returns it */
void document_release(struct document *document);         /* NULL is fine */

/* The compressed form if it is wanted and exists, else the plain one. */
const struct document_form *document_form(const struct document *document, bool wants_gzip);

#endif
