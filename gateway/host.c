/* Names in Host, compared. */
#include "gateway/host.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

enum { NAME_MAX_BYTES = 256 };

/* The name without its port, brackets and last dot; false when it is too long for one. */
static bool read_name(const char *authority, size_t length, char ret_name[NAME_MAX_BYTES])
{
    const char *end = memrchr(authority, ':', length);

    if (length > 0 && authority[0] == '[') {
        authority++;
        end = memchr(authority, ']', length - 1);
        length = end == NULL ? NAME_MAX_BYTES : (size_t)(end - authority);
    } else if (end != NULL) {
        length = (size_t)(end - authority);
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
