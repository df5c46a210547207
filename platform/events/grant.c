/* Entries of a grant, compared with event types. */
#include "platform/events/grant.h"

#include <string.h>

static bool entry_allows(const char *entry, size_t length, const char *type)
{
    if (length > 2 && memcmp(entry + length - 2, ".*", 2) == 0)
        return strncmp(type, entry, length - 1) == 0; /* including the dot */
    return strlen(type) == length && memcmp(type, entry, length) == 0;
}

bool ql_event_grant_allows(const char *grant, const char *type)
{
    while (*grant != '\0') {
        size_t length = strcspn(grant, " ");

        if (entry_allows(grant, length, type))
            return true;
        grant += length;
        grant += strspn(grant, " ");
    }
    return false;
}
