/* Parsing and comparing authorities. */
#include "gateway/host.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

enum { NAME_MAX_BYTES = 256 };

/* The length of the part before the port. *ret_port is the port, or NULL. */
static size_t name_length(const char *authority, size_t length, const char **ret_port)
{
    const char *colon = memrchr(authority, ':', length);
    const char *bracket = memrchr(authority, ']', length);

    *ret_port = NULL;
    if (length == 0 || colon == NULL || (bracket != NULL && bracket > colon))
        return length;
    *ret_port = colon + 1;
    return (size_t)(colon - authority);
}

/* Copies the name without port, brackets and last dot; false when it is malformed or too
 * long. A port that is no number, as in "127.0.0.1:@evil.example", is malformed. */
static bool read_name(const char *authority, size_t length, char ret_name[NAME_MAX_BYTES])
{
    const char *port, *end = authority + length;

    length = name_length(authority, length, &port);
    for (; port != NULL && port < end; port++)
        if (*port < '0' || *port > '9')
            return false;
    if (length > 0 && authority[0] == '[') {
        if (authority[length - 1] != ']')
            return false;
        authority++;
        length -= 2;
    }
    if (length >= NAME_MAX_BYTES)
        return false;
    memcpy(ret_name, authority, length);
    ret_name[length] = '\0';
    if (length > 0 && ret_name[length - 1] == '.')
        ret_name[length - 1] = '\0';
    return true;
}

static bool ends_in(const char *name, const char *end)
{
    size_t length = strlen(name), end_length = strlen(end);

    return length > end_length && strcasecmp(name + length - end_length, end) == 0;
}

bool host_is_localhost(const char *authority, size_t length)
{
    char name[NAME_MAX_BYTES];

    return read_name(authority, length, name) &&
           (strcasecmp(name, "localhost") == 0 || ends_in(name, ".localhost"));
}

bool host_is_loopback(const char *authority, size_t length)
{
    char name[NAME_MAX_BYTES];
    struct in6_addr six;
    struct in_addr four;

    if (host_is_localhost(authority, length))
        return true;
    if (!read_name(authority, length, name))
        return false;
    if (inet_pton(AF_INET, name, &four) == 1)
        return ntohl(four.s_addr) >> 24 == 127;
    return inet_pton(AF_INET6, name, &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six);
}

static bool is_listed(const char *hosts, const char *name)
{
    while (*hosts != '\0') {
        size_t length = strcspn(hosts, ",");

        if (length > 0 && strlen(name) == length && strncasecmp(hosts, name, length) == 0)
            return true;
        hosts += length;
        hosts += strspn(hosts, ", ");
    }
    return false;
}

bool host_is_answered(const char *hosts, bool is_local, const char *authority, size_t length)
{
    char name[NAME_MAX_BYTES];

    if (length == 0 || strcmp(hosts, "*") == 0 || (hosts[0] == '\0' && !is_local))
        return true;
    return host_is_loopback(authority, length) ||
           (read_name(authority, length, name) && is_listed(hosts, name));
}

static size_t length_without_port(const char *authority, size_t length, const char *default_port)
{
    const char *port;
    size_t name = name_length(authority, length, &port), port_length;

    if (port == NULL)
        return length;
    port_length = length - name - 1;
    if (port_length == 0 ||
        (port_length == strlen(default_port) && memcmp(port, default_port, port_length) == 0))
        return name;
    return length;
}

bool host_is_same(const char *one, size_t one_length, const char *other, size_t other_length,
                  const char *default_port)
{
    one_length = length_without_port(one, one_length, default_port);
    other_length = length_without_port(other, other_length, default_port);
    return one_length == other_length &&
           (one_length == 0 || strncasecmp(one, other, one_length) == 0);
}
