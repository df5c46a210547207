/* Replaces glibc's stderr by a stream that filters lines. */
#include "gateway/stderr_filter.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char unwanted[] = "skipping frame (type:";

static ssize_t filtered_write(void *cookie, const char *bytes, size_t length)
{
    size_t written = 0;

    (void)cookie;
    if (length >= sizeof(unwanted) - 1 && memcmp(bytes, unwanted, sizeof(unwanted) - 1) == 0)
        return (ssize_t)length;
    while (written < length) {
        ssize_t now = write(STDERR_FILENO, bytes + written, length - written);

        if (now < 0 && errno != EINTR)
            return 0;
        written += now > 0 ? (size_t)now : 0;
    }
    return (ssize_t)length;
}

void stderr_filter_install(void)
{
    FILE *filter = fopencookie(NULL, "w", (cookie_io_functions_t){.write = filtered_write});

    /* With line buffering each line is one write to the filter, which compares its start. */
    if (filter == NULL || setvbuf(filter, NULL, _IOLBF, BUFSIZ) != 0)
        return;
    stderr = filter;
}
