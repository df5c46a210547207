/* Alive: the loop turns. Ready: it takes work. The services behind have probes
 * of their own; a gateway without one of them still serves the others. The
 * description of the API is told here too: no service is asked for it. */
#include "gateway/probes.h"

#include <stdio.h>
#include <string.h>

#include "gateway/reply.h"

bool probes_ready(void *argument, char *ret_reason, size_t reason_size)
{
    struct gateway *gateway = argument;

    if (!atomic_load(&gateway->is_draining))
        return true;
    snprintf(ret_reason, reason_size, "draining");
    return false;
}

bool probes_answer(struct request *request)
{
    struct access_record *record = &request->record;
    bool is_live = strcmp(record->path, "/livez") == 0;
    bool is_document = strcmp(record->path, "/openapi.json") == 0;
    char reason[32];

    if (!is_live && !is_document && strcmp(record->path, "/readyz") != 0)
        return false;
    if (!is_document)
        record->level = QL_LOG_DEBUG; /* several a second, all alike */
    if (strcmp(record->verb, "GET") != 0 && strcmp(record->verb, "HEAD") != 0) {
        reply_add_field(request, "allow", "GET, HEAD");
        reply_refuse(request, 405, QL_INVALID_ARGUMENT, "METHOD_NOT_ALLOWED",
                     "this path is for GET, HEAD");
    } else if (is_document) {
        reply_json(request, &request->loop->gateway->openapi);
    } else if (is_live) {
        reply_text(request, 200, "ok\n");
    } else if (probes_ready(request->loop->gateway, reason, sizeof(reason))) {
        reply_text(request, 200, "ready\n");
    } else {
        reply_text(request, 503, "draining\n");
    }
    return true;
}
