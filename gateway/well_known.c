/* Live: the loop runs. Ready: the gateway accepts requests. The services have probes of
 * their own; a gateway without one of them still serves the others. */
#include "gateway/well_known.h"

#include <stdio.h>
#include <string.h>

#include "gateway/document.h"
#include "gateway/key_document.h"
#include "platform/base/attributes.h"

bool well_known_is_ready(void *argument, char *ret_reason, size_t reason_size)
{
    struct gateway *gateway = argument;

    if (!atomic_load(&gateway->is_draining))
        return true;
    snprintf(ret_reason, reason_size, "draining");
    return false;
}

static bool answer_live(struct gateway *gateway, struct well_known_answer *ret_answer)
{
    (void)gateway;
    *ret_answer = (struct well_known_answer){.http_status = 200, .text = "ok\n"};
    return true;
}

static bool answer_ready(struct gateway *gateway, struct well_known_answer *ret_answer)
{
    if (atomic_load(&gateway->is_draining))
        *ret_answer = (struct well_known_answer){.http_status = 503, .text = "draining\n"};
    else
        *ret_answer = (struct well_known_answer){.http_status = 200, .text = "ready\n"};
    return true;
}

static bool answer_openapi(struct gateway *gateway, struct well_known_answer *ret_answer)
{
    *ret_answer =
        (struct well_known_answer){.http_status = 200, .document = document_use(gateway->openapi)};
    return true;
}

static bool answer_keys(struct gateway *gateway, struct well_known_answer *ret_answer)
{
    *ret_answer =
        (struct well_known_answer){.http_status = 200, .document = key_document_use(gateway->keys)};
    return ret_answer->document != NULL;
}

static const struct well_known pages[] = {
    {"/livez", true, answer_live},
    {"/readyz", true, answer_ready},
    {"/openapi.json", false, answer_openapi},
    {"/.well-known/jwks.json", false, answer_keys},
};

const struct well_known *well_known_find(const char *path)
{
    for (size_t i = 0; i < QL_ARRAY_LENGTH(pages); i++)
        if (strcmp(pages[i].path, path) == 0)
            return &pages[i];
    return NULL;
}
