/* A document, and the generation of the keys in it. */
#include "gateway/key_document.h"

#include <pthread.h>
#include <stdlib.h>

#include "platform/base/attributes.h"

enum { KEYS_MAX_BYTES = 128 * 1024 };

struct key_document {
    struct ql_verifier *verifier;
    pthread_mutex_t mutex;
    struct document *document; /* NULL: none yet */
    uint64_t generation;
};

struct key_document *key_document_new(struct ql_verifier *verifier)
{
    struct key_document *keys = calloc(1, sizeof(*keys));

    if (keys == NULL)
        return NULL;
    keys->verifier = verifier;
    pthread_mutex_init(&keys->mutex, NULL);
    return keys;
}

void key_document_free(struct key_document *keys)
{
    if (keys == NULL)
        return;
    document_release(keys->document);
    pthread_mutex_destroy(&keys->mutex);
    free(keys);
}

/* Without memory the old document stays. */
static void renew_document(struct key_document *keys, uint64_t generation)
{
    QL_CLEANUP(ql_buffer_done) struct ql_buffer bytes;
    struct document *document;

    ql_buffer_init(&bytes, KEYS_MAX_BYTES);
    ql_verifier_write_jwks(keys->verifier, &bytes);
    document = bytes.failed ? NULL : document_new(bytes.data, bytes.length);
    if (document == NULL)
        return;
    document_release(keys->document);
    keys->document = document;
    keys->generation = generation;
}

struct document *key_document_use(struct key_document *keys)
{
    /* Read before the keys: keys that change in between are written again. */
    uint64_t generation = ql_verifier_generation(keys->verifier);
    struct document *document = NULL;

    pthread_mutex_lock(&keys->mutex);
    if (keys->document == NULL || keys->generation != generation)
        renew_document(keys, generation);
    if (keys->document != NULL)
        document = document_use(keys->document);
    pthread_mutex_unlock(&keys->mutex);
    return document;
}
