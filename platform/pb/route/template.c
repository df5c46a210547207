/* Path templates of google.api.http: literal segments, {field} or {nested.field}
 * as whole segments, and a ":verb" behind the last one. */
#include "platform/pb/route/template.h"

#include <stdio.h>
#include <string.h>

#include "platform/pb/route/table.h"

bool qli_chain_resolve(const struct ql_message *message, const char *names, size_t length,
                       struct qli_chain *ret_chain)
{
    const char *end = names + length;

    ret_chain->n = 0;
    for (;;) {
        const char *dot = memchr(names, '.', (size_t)(end - names));
        size_t name_length = (size_t)((dot == NULL ? end : dot) - names);
        const struct ql_field *field = ql_message_field_by_name(message, names, name_length);

        if (field == NULL || ret_chain->n == QLI_CHAIN_MAX)
            return false;
        ret_chain->fields[ret_chain->n++] = field;
        if (dot == NULL)
            return true;
        if (field->type != QL_TYPE_MESSAGE || field->is_repeated ||
            field->message->well_known != QL_WELL_KNOWN_NONE)
            return false;
        message = field->message;
        names = dot + 1;
    }
}

bool qli_chain_equals(const struct qli_chain *left, const struct qli_chain *right)
{
    return left->n == right->n &&
           memcmp(left->fields, right->fields, left->n * sizeof(left->fields[0])) == 0;
}

static bool variable_compile(struct qli_route *route, const char *names, size_t length)
{
    struct qli_chain *chain = &route->variables[route->n_variables];
    const struct ql_field *leaf;

    if (route->n_variables == QL_ROUTE_MAX_VARIABLES ||
        !qli_chain_resolve(route->method->input, names, length, chain))
        return false;
    leaf = chain->fields[chain->n - 1];
    if (leaf->is_repeated || leaf->message != NULL)
        return false;
    for (size_t i = 0; i < route->n_variables; i++)
        if (qli_chain_equals(&route->variables[i], chain))
            return false;
    route->n_variables++;
    return true;
}

static bool is_literal(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (memchr("{}*:?#% ", text[i], 8) != NULL)
            return false;
    return length > 0;
}

static bool segment_compile(struct qli_route *route, const char *text, size_t length)
{
    struct qli_segment *segment;

    if (route->n_segments == QLI_ROUTE_MAX_SEGMENTS)
        return false;
    segment = &route->segments[route->n_segments++];
    if (length > 2 && text[0] == '{' && text[length - 1] == '}')
        return variable_compile(route, text + 1, length - 2);
    *segment = (struct qli_segment){.text = text, .length = length};
    return is_literal(text, length);
}

static bool template_compile(struct qli_route *route, const char *path)
{
    const char *end = path + strlen(path), *colon = strrchr(path, ':');

    if (colon != NULL) {
        route->suffix = (struct qli_segment){.text = colon + 1, .length = strlen(colon + 1)};
        if (!is_literal(route->suffix.text, route->suffix.length) || strchr(colon, '/') != NULL)
            return false;
        end = colon;
    }
    if (path == end || *path != '/')
        return false;
    while (path < end) {
        const char *slash = memchr(path + 1, '/', (size_t)(end - path - 1));
        const char *next = slash == NULL ? end : slash;

        if (!segment_compile(route, path + 1, (size_t)(next - path - 1)))
            return false;
        path = next;
    }
    return true;
}

bool qli_route_compile(struct qli_route *route, const struct ql_method *method, char *error,
                       size_t error_size)
{
    const struct ql_http_rule *http = &method->http;

    *route = (struct qli_route){.method = method};
    if (http->verb[0] == '\0' || !template_compile(route, http->path)) {
        snprintf(error, error_size, "%s: the path %s is not supported or names no field",
                 method->full_name, http->path);
        return false;
    }
    route->takes_body = http->body[0] != '\0';
    if (route->takes_body && strcmp(http->body, "*") != 0)
        route->body = ql_message_field_by_name(method->input, http->body, strlen(http->body));
    if (route->takes_body && strcmp(http->body, "*") != 0 && route->body == NULL) {
        snprintf(error, error_size, "%s: %s has no field %s for the body", method->full_name,
                 method->input->full_name, http->body);
        return false;
    }
    if (strcmp(http->verb, "PATCH") == 0 && route->body != NULL && route->body->message != NULL)
        route->update_mask = method->update_mask;
    if (http->response_body[0] == '\0')
        return true;
    route->response_body =
        ql_message_field_by_name(method->output, http->response_body, strlen(http->response_body));
    if (route->response_body == NULL || route->response_body->is_secret) {
        snprintf(error, error_size, "%s: %s has no field %s to show", method->full_name,
                 method->output->full_name, http->response_body);
        return false;
    }
    return true;
}
