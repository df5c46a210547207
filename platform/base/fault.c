/* Recording fault points and running the armed action. Compiled in fault builds only. */
#include "platform/base/fault.h"

#ifdef QL_FAULTS

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "platform/base/clock.h"
#include "platform/base/hash.h"

enum { PLACE_MAX = 256, PATH_BYTES = 512, SEEN_MAX = 1024 };

struct armed {
    char place[PLACE_MAX];
    long hit;
    char action[16];
    long delay_ms;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* guards all below */
static uint64_t seen[SEEN_MAX];
static size_t n_seen;
static struct armed counted; /* the fault that n_hits counts for */
static long n_hits;

/* Adds the place to the file `points`, once per process. */
static void record_point(const char *folder, const char *place)
{
    char path[PATH_BYTES], line[PLACE_MAX + 1];
    uint64_t key = ql_hash_text(ql_hash_start, place);
    int length, fd;

    for (size_t i = 0; i < n_seen; i++)
        if (seen[i] == key)
            return;
    snprintf(path, sizeof(path), "%s/points", folder);
    fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
    if (fd < 0)
        return;
    length = snprintf(line, sizeof(line), "%s\n", place);
    if (write(fd, line, (size_t)length) == length && n_seen < SEEN_MAX)
        seen[n_seen++] = key;
    (void)close(fd);
}

/* Four lines: place, hit, action, milliseconds. */
static bool read_armed(const char *path, struct armed *ret_armed)
{
    char text[PLACE_MAX * 2] = "", *rest = text;
    const char *lines[4];
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return false;
    (void)!read(fd, text, sizeof(text) - 1);
    (void)close(fd);
    for (size_t i = 0; i < QL_ARRAY_LENGTH(lines); i++) {
        lines[i] = strsep(&rest, "\n");
        if (lines[i] == NULL)
            return false;
    }
    memset(ret_armed, 0, sizeof(*ret_armed));
    snprintf(ret_armed->place, sizeof(ret_armed->place), "%s", lines[0]);
    ret_armed->hit = strtol(lines[1], NULL, 10);
    snprintf(ret_armed->action, sizeof(ret_armed->action), "%s", lines[2]);
    ret_armed->delay_ms = strtol(lines[3], NULL, 10);
    return true;
}

/* True when this is the armed hit and no other process has claimed it. */
static bool is_due(const char *folder, const char *place, struct armed *ret_armed)
{
    char path[PATH_BYTES], fired[PATH_BYTES];

    snprintf(path, sizeof(path), "%s/armed", folder);
    snprintf(fired, sizeof(fired), "%s/fired", folder);
    if (!read_armed(path, ret_armed) || strcmp(ret_armed->place, place) != 0)
        return false;
    if (memcmp(&counted, ret_armed, sizeof(counted)) != 0) {
        counted = *ret_armed;
        n_hits = 0;
    }
    if (++n_hits < ret_armed->hit)
        return false;
    memset(&counted, 0, sizeof(counted));
    return rename(path, fired) == 0;
}

static void run_action(const struct armed *armed)
{
    if (strcmp(armed->action, "kill") == 0)
        for (;;)
            (void)kill(getpid(), SIGKILL);
    if (strcmp(armed->action, "stop") == 0)
        (void)kill(getpid(), SIGSTOP);
    if (strcmp(armed->action, "delay") == 0)
        ql_sleep_ms(armed->delay_ms, NULL);
}

void ql_fault_reach(const struct ql_call *call, const char *prefix, const char *point)
{
    const char *folder = getenv("QL_FAULT_DIR"), *program = program_invocation_short_name;
    static const char family[] = "questline-";
    char place[PLACE_MAX];
    struct armed armed;
    bool due;

    if (folder == NULL)
        return;
    if (strncmp(program, family, sizeof(family) - 1) == 0)
        program += sizeof(family) - 1;
    snprintf(place, sizeof(place), "%s|%s|%s%s", program, call->method == NULL ? "" : call->method,
             prefix, point);
    pthread_mutex_lock(&lock);
    record_point(folder, place);
    due = is_due(folder, place, &armed);
    pthread_mutex_unlock(&lock);
    if (due)
        run_action(&armed);
}

#endif
