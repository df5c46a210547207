/* Alive: the loop turns. Ready: it takes work. The services behind have probes
 * of their own; a gateway without one of them still serves the others. The
 * description of the API and the public keys are told here too: no service is
 * asked for them. */
#include "gateway/probes.h"

#include <stdio.h>
#include <string.h>

#include "gateway/cors.h"
#include "gateway/key_document.h"
#include "gateway/reply.h"

bool probes_ready(void *argument, char *ret_reason, size_t reason_size)
{
    struct gateway *gateway = argument;

    if (!atomic_load(&gateway->is_draining))
        return true;
    snprintf(ret_reason, reason_size, "draining");
    return false;
}

/* What a path of ours is answered with. */
typedef void answer(struct request *request);

static void answer_live(struct request *request)
{
    reply_text(request, 200, "ok\n");
}

static void answer_ready(struct request *request)
{
    char reason[32];

    if (probes_ready(request->loop->gateway, reason, sizeof(reason)))
        reply_text(request, 200, "ready\n");
    else
        reply_text(request, 503, "draining\n");
}

static void answer_openapi(struct request *request)
{
    reply_document(request, request->loop->gateway->openapi);
}

static void answer_keys(struct request *request)
{
    struct document *keys = key_document_use(request->loop->gateway->keys);

    if (keys != NULL)
        reply_document(request, keys);
    else
        reply_busy(request);
    document_release(keys);
}

static const struct path {
    const char *path;
    answer *answer;
    bool is_probe; /* several a second, all alike */
} paths[] = {
    {"/livez", answer_live, true},
    {"/readyz", answer_ready, true},
    {"/openapi.json", answer_openapi, false},
    {"/.well-known/jwks.json", answer_keys, false},
};

static const struct path *find_path(const char *path)
{
    for (size_t i = 0; i < QL_ARRAY_LENGTH(paths); i++)
        if (strcmp(paths[i].path, path) == 0)
            return &paths[i];
    return NULL;
}

bool probes_answer(struct request *request)
{
    struct access_record *record = &request->record;
    const struct path *path = find_path(record->path);

    if (path == NULL)
        return false;
    if (path->is_probe)
        record->level = QL_LOG_DEBUG;
    if (cors_answer(request, "GET, HEAD"))
        return true;
    if (strcmp(record->verb, "GET") != 0 && strcmp(record->verb, "HEAD") != 0) {
        reply_add_field(request, "allow", "GET, HEAD");
        reply_refuse(request, 405, QL_INVALID_ARGUMENT, "METHOD_NOT_ALLOWED",
                     "this path is for GET, HEAD");
    } else {
        path->answer(request);
    }
    return true;
}
