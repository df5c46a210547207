/* Entity tags, compared as RFC 9110 says. */
#include "platform/resource/etag.h"

#include <string.h>

/* The next entity tag of a list, without quotes; weak ones as NULL, for they
 * never match. false at the end, with *ret_is_malformed set when it is not one. */
static bool next_tag(const char **list, const char **ret_tag, size_t *ret_length,
                     bool *ret_is_malformed)
{
    const char *at = *list + strspn(*list, " \t,"), *end;
    bool is_weak = strncmp(at, "W/", 2) == 0;

    *ret_is_malformed = false;
    if (*at == '\0')
        return false;
    at += is_weak ? 2 : 0;
    end = *at == '"' ? strchr(at + 1, '"') : NULL;
    *ret_is_malformed = end == NULL || strchr(" \t,", end[1]) == NULL; /* or its end */
    if (*ret_is_malformed)
        return false;
    *ret_tag = is_weak ? NULL : at + 1;
    *ret_length = (size_t)(end - at - 1);
    *list = end + 1;
    return true;
}

/* RFC 9110 section 13.1.1: any of the list, compared strongly. */
static enum ql_code check_if_match(struct ql_call *call, const char *etag, bool *ret_matches)
{
    const char *list = call->if_match, *tag;
    size_t length;
    bool is_malformed;

    *ret_matches = list == NULL || strcmp(list, "*") == 0;
    if (*ret_matches)
        return QL_OK;
    while (next_tag(&list, &tag, &length, &is_malformed))
        if (tag != NULL && strlen(etag) == length && memcmp(tag, etag, length) == 0)
            *ret_matches = true;
    return is_malformed ? ql_violate(call, "If-Match", "must be entity tags in quotes, or *")
                        : QL_OK;
}

enum ql_code ql_resource_check_etag(struct ql_call *call, const char *etag, const char *own)
{
    bool matches;
    enum ql_code rc;

    rc = check_if_match(call, own, &matches);
    if (rc != QL_OK)
        return rc;
    if (matches && (etag[0] == '\0' || strcmp(etag, own) == 0))
        return QL_OK;
    ql_fail(call, QL_ABORTED, "ETAG_MISMATCH", "the resource was changed: its etag is %s now", own);
    call->status.is_precondition_failed = !matches;
    return QL_ABORTED;
}
