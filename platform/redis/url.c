/* redis://[[user]:password@]host[:port][/database], as registered with IANA, with
 * percent-encoding in user and password. */
#include "platform/redis/url.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "platform/base/hex.h"

enum { URL_MAX = 1024, DATABASE_DIGITS_MAX = 4, PORT_MAX = 65535 };

static const char scheme[] = "redis://", tls_scheme[] = "rediss://";

/* In place; false for a broken escape or an encoded NUL. */
static bool percent_decode(char *text)
{
    char *out = text;

    for (; *text != '\0'; text++) {
        int high, low;

        if (*text != '%') {
            *out++ = *text;
            continue;
        }
        high = ql_hex_digit(text[1]);
        low = high < 0 ? -1 : ql_hex_digit(text[2]);
        if (low < 0 || (high == 0 && low == 0))
            return false;
        *out++ = (char)(high * 16 + low);
        text += 2;
    }
    *out = '\0';
    return true;
}

/* A number of at most n_digits digits; -1 for anything else. */
static int number_of(const char *text, size_t n_digits)
{
    int number = 0;

    if (text[0] == '\0' || strlen(text) > n_digits)
        return -1;
    for (; *text != '\0'; text++) {
        if (*text < '0' || *text > '9')
            return -1;
        number = number * 10 + (*text - '0');
    }
    return number;
}

static const char *split_credentials(char *credentials, const char **ret_user,
                                     const char **ret_password)
{
    char *colon = strchr(credentials, ':');

    if (colon == NULL || colon[1] == '\0')
        return "it names a user without a password";
    *colon = '\0';
    if (!percent_decode(credentials) || !percent_decode(colon + 1))
        return "its user or password has a broken %-escape";
    *ret_user = credentials[0] != '\0' ? credentials : NULL;
    *ret_password = colon + 1;
    return NULL;
}

static const char *split_host(char *host, const char **ret_host, const char **ret_port)
{
    char *end = host + strcspn(host, ":");

    if (host[0] == '[') { /* IPv6 */
        host++;
        end = strchr(host, ']');
        if (end == NULL || (end[1] != '\0' && end[1] != ':'))
            return "its IPv6 address has no closing bracket";
        *end++ = '\0';
    }
    *ret_port = "6379";
    if (*end == ':') {
        int port = number_of(end + 1, 5);

        if (port < 1 || port > PORT_MAX)
            return "its port is not a number between 1 and 65535";
        *ret_port = end + 1;
        *end = '\0';
    }
    *ret_host = host;
    return host[0] == '\0' ? "it names no host" : NULL;
}

/* Splits rest in place into parts, which point into it. */
static const char *split_parts(char *rest, struct qli_redis_address *ret_address,
                               const char *parts[4])
{
    char *path = strchr(rest, '/'), *host = rest, *at;
    const char *fault = NULL;

    if (strpbrk(rest, "?#") != NULL)
        return "it has a query or a fragment, which are not supported";
    if (path != NULL) {
        *path++ = '\0';
        ret_address->database = path[0] == '\0' ? 0 : number_of(path, DATABASE_DIGITS_MAX);
        if (ret_address->database < 0)
            return "its path is not the number of a database";
    }
    at = strrchr(rest, '@');
    if (at != NULL) {
        *at = '\0';
        host = at + 1;
        fault = split_credentials(rest, &parts[2], &parts[3]);
    }
    return fault != NULL ? fault : split_host(host, &parts[0], &parts[1]);
}

static char *copy_of(const char *text)
{
    return text != NULL ? strdup(text) : NULL;
}

const char *qli_redis_address_parse(const char *url, struct qli_redis_address *ret_address)
{
    const char *parts[4] = {NULL}, *fault;
    char rest[URL_MAX];

    memset(ret_address, 0, sizeof(*ret_address));
    if (strncmp(url, tls_scheme, strlen(tls_scheme)) == 0)
        return "TLS (rediss://) is not supported";
    if (strncmp(url, scheme, strlen(scheme)) != 0)
        return "it does not begin with redis://";
    url += strlen(scheme);
    if (strlen(url) >= sizeof(rest))
        return "it is too long";
    memcpy(rest, url, strlen(url) + 1);
    fault = split_parts(rest, ret_address, parts);
    if (fault == NULL) {
        ret_address->host = copy_of(parts[0]);
        ret_address->port = copy_of(parts[1]);
        ret_address->user = copy_of(parts[2]);
        ret_address->password = copy_of(parts[3]);
        if (ret_address->host == NULL || ret_address->port == NULL ||
            (parts[2] != NULL && ret_address->user == NULL) ||
            (parts[3] != NULL && ret_address->password == NULL)) {
            qli_redis_address_done(ret_address);
            fault = "there is no memory for it";
        }
    }
    explicit_bzero(rest, sizeof(rest));
    return fault;
}

void qli_redis_address_done(struct qli_redis_address *address)
{
    if (address->password != NULL)
        explicit_bzero(address->password, strlen(address->password));
    free(address->host);
    free(address->port);
    free(address->user);
    free(address->password);
    memset(address, 0, sizeof(*address));
}
