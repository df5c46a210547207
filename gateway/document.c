/* Reference counting, and compression by zlib when a document is made. */
#include "gateway/document.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "platform/base/digest.h"

enum {
    ETAG_DIGITS = 32,
    GZIP_WINDOW = 15 + 16, /* 16 selects gzip's header */
    GZIP_MEMORY = 9,
    GZIP_LEAST = 1024, /* bytes; shorter documents are not compressed */
};

enum { PLAIN, GZIP, FORMS };

struct document {
    atomic_int n_users;
    struct document_form forms[FORMS];
};

static void form_set(struct document_form *form, char *bytes, size_t length, const char *coding)
{
    char digest[QL_SHA256_HEX_SIZE];

    form->bytes = bytes;
    form->length = length;
    form->coding = coding;
    ql_sha256_hex(digest, bytes, length);
    snprintf(form->etag, sizeof(form->etag), "%.*s", (int)ETAG_DIGITS, digest);
}

/* Leaves the form empty when it would not be smaller. */
static void compress_into(struct document_form *form, const char *bytes, size_t length)
{
    z_stream stream = {0};
    unsigned char *compressed;
    bool is_smaller;

    if (length < GZIP_LEAST || (compressed = malloc(length)) == NULL)
        return;
    if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, GZIP_WINDOW, GZIP_MEMORY,
                     Z_DEFAULT_STRATEGY) != Z_OK) {
        free(compressed);
        return;
    }
    stream.next_in = (unsigned char *)(uintptr_t)bytes;
    stream.avail_in = (unsigned)length;
    stream.next_out = compressed;
    stream.avail_out = (unsigned)length;
    is_smaller = deflate(&stream, Z_FINISH) == Z_STREAM_END;
    (void)deflateEnd(&stream);
    if (is_smaller)
        form_set(form, (char *)compressed, stream.total_out, "gzip");
    else
        free(compressed);
}

struct document *document_new(const char *bytes, size_t length)
{
    struct document *document = calloc(1, sizeof(*document));
    char *copy = malloc(length + 1);

    if (document == NULL || copy == NULL) {
        free(document);
        free(copy);
        return NULL;
    }
    memcpy(copy, bytes, length);
    copy[length] = '\0';
    atomic_init(&document->n_users, 1);
    form_set(&document->forms[PLAIN], copy, length, NULL);
    compress_into(&document->forms[GZIP], bytes, length);
    return document;
}

struct document *document_use(struct document *document)
{
    atomic_fetch_add(&document->n_users, 1);
    return document;
}

void document_release(struct document *document)
{
    if (document == NULL || atomic_fetch_sub(&document->n_users, 1) > 1)
        return;
    for (int i = 0; i < FORMS; i++)
        free((void *)(uintptr_t)document->forms[i].bytes);
    free(document);
}

const struct document_form *document_form(const struct document *document, bool wants_gzip)
{
    return &document->forms[wants_gzip && document->forms[GZIP].bytes != NULL ? GZIP : PLAIN];
}
