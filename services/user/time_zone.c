/* Looking a zone up: a name is the path of a file of zone data (RFC 9636). */
#include "services/user/time_zone.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "platform/base/attributes.h"

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

bool time_zone_name_is_valid(const char *name)
{
    size_t length = strnlen(name, TIME_ZONE_MAX + 1);

    if (length == 0 || length > TIME_ZONE_MAX)
        return false;
    for (;;) {
        size_t part = strspn(name, LETTERS "0123456789_+-");

        if (part == 0 || strchr(LETTERS, name[0]) == NULL)
            return false;
        name += part;
        if (*name == '\0')
            return true;
        if (*name++ != '/')
            return false;
    }
}

/* Files beside the zones, and zones by other clocks. */
static bool is_no_zone(const char *name)
{
    static const char *const names[] = {"localtime", "posixrules", "Factory"};

    for (size_t i = 0; i < QL_ARRAY_LENGTH(names); i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return strncmp(name, "right/", 6) == 0 || strncmp(name, "posix/", 6) == 0;
}

static bool holds_zone_data(int fd)
{
    char magic[4];
    struct stat status;

    return fstat(fd, &status) == 0 && S_ISREG(status.st_mode) &&
           read(fd, magic, sizeof(magic)) == sizeof(magic) &&
           memcmp(magic, "TZif", sizeof(magic)) == 0;
}

bool time_zone_exists(const char *folder, const char *name)
{
    char path[512];
    bool exists;
    int fd;

    if (strcmp(name, "UTC") == 0)
        return true;
    if (!time_zone_name_is_valid(name) || is_no_zone(name) ||
        snprintf(path, sizeof(path), "%s/%s", folder, name) >= (int)sizeof(path))
        return false;
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return false;
    exists = holds_zone_data(fd);
    close(fd);
    return exists;
}
