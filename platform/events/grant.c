/* Entries of a grant, compared with event types. */
#include "platform/events/grant.h"

#include <string.h>

#include "platform/events/event.h"

bool ql_event_grant_entry_is_valid(const char *entry)
{
    char type[QL_EVENT_TYPE_MAX];
    size_t length = strlen(entry);

    if (length < 2 || length >= sizeof(type))
        return false;
    memcpy(type, entry, length + 1);
    if (strcmp(entry + length - 2, ".*") == 0)
        type[length - 1] = 'a'; /* any word: the part before it is checked */
    return ql_event_type_is_custom(type);
}

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
