/* Its route, its access, the fields that its rule names. */
#include "tools/ql-openapi/method.h"

#include <string.h>

bool openapi_serves(const struct ql_method *method)
{
    return method->http.verb != NULL &&
           (method->access == QL_ACCESS_PUBLIC || method->access == QL_ACCESS_USER ||
            method->access == QL_ACCESS_ADMIN || method->access == QL_ACCESS_PUBLISHER);
}

const char *openapi_service_name(const struct ql_method *method)
{
    const char *dot = strrchr(method->service, '.');

    return dot == NULL ? method->service : dot + 1;
}

bool openapi_is_read(const struct ql_method *method)
{
    return strcmp(method->http.verb, "GET") == 0;
}

const struct ql_field *openapi_body_field(const struct ql_method *method)
{
    const char *body = method->http.body;

    if (body[0] == '\0' || strcmp(body, "*") == 0)
        return NULL;
    return ql_message_field_by_name(method->input, body, strlen(body));
}

const struct ql_field *openapi_answer_field(const struct ql_method *method)
{
    const char *name = method->http.response_body;

    return name[0] == '\0' ? NULL : ql_message_field_by_name(method->output, name, strlen(name));
}

bool openapi_has_etag(const struct ql_method *method)
{
    const struct ql_field *answer = openapi_answer_field(method), *etag;
    const struct ql_message *message = answer != NULL ? answer->message : method->output;

    if (message == NULL || (answer != NULL && answer->is_repeated))
        return false;
    etag = ql_message_field_by_name(message, "etag", strlen("etag"));
    return etag != NULL && !etag->is_repeated;
}

static bool has_reason(const struct ql_method *method, const char *reason)
{
    for (size_t i = 0; i < method->n_reasons; i++)
        if (strcmp(method->reasons[i], reason) == 0)
            return true;
    return false;
}

bool openapi_checks_etag(const struct ql_method *method)
{
    return has_reason(method, "ABORTED/ETAG_MISMATCH") ||
           (openapi_is_read(method) && openapi_has_etag(method));
}
