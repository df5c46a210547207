/* The public keys as a document, made anew when their file changes. Any thread. */
#ifndef QL_GATEWAY_KEY_DOCUMENT_H
#define QL_GATEWAY_KEY_DOCUMENT_H

#include "gateway/document.h"
#include "platform/auth/verifier.h"

struct key_document;

/* verifier must outlive it. NULL without memory. */
struct key_document *key_document_new(struct ql_verifier *verifier);
void key_document_free(struct key_document *keys); /* NULL is fine */

/* The keys in use, for the caller to release; NULL without memory. */
struct document *key_document_use(struct key_document *keys);

#endif
