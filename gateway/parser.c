/* h2o answers a request with too many fields itself, before any handler, filter or log; it
 * follows Upgrade: h2c before any handler, does not accept a target in absolute form, and
 * sends 100 Continue to HTTP/1.0. So the parser that it calls is replaced by a function that
 * calls it; see docs/adr/0011-a-second-look-at-heads.md. */
#include "gateway/parser.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

#include <dlfcn.h>
#include <h2o.h>
#include <h2o/http2.h>

#include "gateway/connection.h"

enum { MALFORMED = -1, INCOMPLETE = -2 };

/* As in picohttpparser.h, which the package does not have. */
struct phr_header {
    const char *name; /* NULL: a folded line's rest */
    size_t name_length;
    const char *value;
    size_t value_length;
};
typedef int parse_request(const char *bytes, size_t length, const char **method,
                          size_t *method_length, const char **path, size_t *path_length,
                          int *minor_version, struct phr_header *fields, size_t *n_fields,
                          size_t last_length);
parse_request phr_parse_request;
typedef void accept_http2(h2o_accept_ctx_t *accept, h2o_socket_t *socket, struct timeval since);

static parse_request *library_parse;
static accept_http2 *library_accept_http2;

bool parser_init(void)
{
    void *found = dlsym(RTLD_NEXT, "phr_parse_request");

    memcpy(&library_parse, &found, sizeof(library_parse));
    found = dlsym(RTLD_NEXT, "h2o_http2_accept");
    memcpy(&library_accept_http2, &found, sizeof(library_accept_http2));
    /* Otherwise the library drops the field host of HTTP/2. */
    H2O_TOKEN_HOST->http2_should_reject = 0;
    return library_parse != NULL && library_accept_http2 != NULL;
}

/* Replaces the library's function, which accepts the preface of HTTP/2 wherever a request of
 * HTTP/1 may begin. It is valid only at the beginning of a connection (RFC 9113 section
 * 3.3): a proxy may use a connection that has served a request for other clients. */
void h2o_http2_accept(h2o_accept_ctx_t *accept, h2o_socket_t *socket, struct timeval since)
{
    struct connection *connection = socket->on_close.data;

    if (!connection->has_served) {
        library_accept_http2(accept, socket, since);
        return;
    }
    connection_cut(connection, "preface");
    h2o_socket_close(socket);
}

/* The length up to and including the empty line; 0 when it has not arrived yet. */
static size_t head_length(const char *bytes, size_t length)
{
    static const char *const ends[] = {"\r\n\r\n", "\n\n"};
    size_t shortest = 0;

    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        const char *at = memmem(bytes, length, ends[i], strlen(ends[i]));
        size_t end = at != NULL ? (size_t)(at - bytes) + strlen(ends[i]) : 0;

        if (end > 0 && (shortest == 0 || end < shortest))
            shortest = end;
    }
    return shortest;
}

static void host_set(struct phr_header *host, const char *value, size_t length)
{
    static _Thread_local char name[] = "host"; /* the library writes its lower case over it */

    *host = (struct phr_header){name, sizeof(name) - 1, value, length};
}

/* "GET http://host/path" is the form for proxies, which every server has to accept (RFC 9112
 * section 3.2.2). Shortens the target to its path. ret_host is the host in it, unset when
 * the target has another form. A host with userinfo is always set, and authority.c refuses
 * it. */
static void target_shorten(const char **path, size_t *path_length, struct phr_header *ret_host)
{
    static const char *const schemes[] = {"http://", "https://"};

    for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
        size_t length = strlen(schemes[i]), host;

        if (*path_length <= length || strncasecmp(*path, schemes[i], length) != 0)
            continue;
        for (host = length; host < *path_length; host++)
            if (strchr("/?#", (*path)[host]) != NULL)
                break;
        if (host == length)
            return; /* without a host it is not the absolute form */
        if (host == *path_length || (*path)[host] != '/') {
            if (host < *path_length && memchr(*path + length, '@', host - length) == NULL)
                return; /* "http://host?query" stays unchanged and matches no route */
            host_set(ret_host, *path + length, host - length);
            *path = "/";
            *path_length = 1;
            return;
        }
        host_set(ret_host, *path + length, host - length);
        *path += host;
        *path_length -= host;
        return;
    }
}

static bool field_is(const struct phr_header *field, const char *name)
{
    return field->name != NULL && field->name_length == strlen(name) &&
           strncasecmp(field->name, name, strlen(name)) == 0;
}

/* Removes a field before the library sees it. */
static void field_hide(const char *name, struct phr_header *fields, size_t *n_fields)
{
    size_t n = 0;

    for (size_t i = 0; i < *n_fields; i++)
        if (!field_is(&fields[i], name))
            fields[n++] = fields[i];
    *n_fields = n;
}

/* Replaces Host by the target's host, which takes precedence (RFC 9112 section 3.2.2). False
 * when there are too many fields. */
static bool host_replace(const struct phr_header *host, struct phr_header *fields, size_t *n_fields,
                         size_t fields_max)
{
    bool has_host = false;

    for (size_t i = 0; i < *n_fields; i++) {
        if (!field_is(&fields[i], "host"))
            continue;
        fields[i].value = host->value;
        fields[i].value_length = host->value_length;
        has_host = true;
    }
    if (has_host)
        return true;
    if (*n_fields == fields_max)
        return false;
    fields[(*n_fields)++] = *host;
    return true;
}

/* Replaces the library's function. */
int phr_parse_request(const char *bytes, size_t length, const char **method, size_t *method_length,
                      const char **path, size_t *path_length, int *minor_version,
                      struct phr_header *fields, size_t *n_fields, size_t last_length)
{
    const size_t fields_max = *n_fields;
    struct phr_header host = {0};
    size_t end;
    int rv = library_parse(bytes, length, method, method_length, path, path_length, minor_version,
                           fields, n_fields, last_length);

    if (rv > 0)
        target_shorten(path, path_length, &host);
    if (host.value != NULL && !host_replace(&host, fields, n_fields, fields_max))
        return MALFORMED;
    /* Upgrade: h2c would turn a connection of a proxy, which may use it for other clients
     * and no longer inspects it, into HTTP/2. A server may ignore the field (RFC 9110
     * section 7.8). */
    if (rv > 0)
        field_hide("upgrade", fields, n_fields);
    /* HTTP/1.0 has no 100 Continue, so the field is ignored (RFC 9110 section 10.1.1). */
    if (rv > 0 && *minor_version == 0)
        field_hide("expect", fields, n_fields);
    if (rv != MALFORMED || *n_fields < fields_max)
        return rv;
    end = head_length(bytes, length);
    if (end == 0)
        return INCOMPLETE;
    /* Without fields no body is read; the connection ends after this request. */
    *n_fields = 0;
    return (int)end;
}
