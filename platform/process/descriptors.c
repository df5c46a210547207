/* accept and accept4 replace the C library's in the whole program: nng and h2o call them,
 * and have no setting for this. The kernel assigns the lowest free descriptor, so that the
 * number of a new one shows how many are in use. */
#include "platform/process/descriptors.h"

#include <errno.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "platform/base/metrics.h"

static struct ql_metric metrics[] = {
    {.kind = QL_METRIC_COUNTER,
     .name = "ql_connections_refused_total",
     .help = "Connections closed on arrival because only reserved descriptors were left."},
};

/* 0: no descriptor is reserved. Written before threads start. */
static long first_reserved;

void qli_descriptors_prepare(void)
{
    struct rlimit limit;
    long reserve = QLI_DESCRIPTORS_RESERVE;

    ql_metrics_register(metrics, 1);
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    if (limit.rlim_cur < QLI_DESCRIPTORS_MAX) {
        limit.rlim_cur =
            limit.rlim_max < QLI_DESCRIPTORS_MAX ? limit.rlim_max : QLI_DESCRIPTORS_MAX;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
        (void)getrlimit(RLIMIT_NOFILE, &limit);
    }
    if (limit.rlim_cur > INT32_MAX)
        return; /* practically no limit */
    if (reserve > (long)limit.rlim_cur / 4)
        reserve = (long)limit.rlim_cur / 4;
    first_reserved = (long)limit.rlim_cur - reserve;
}

/* Fails with ECONNABORTED, after which nng and h2o accept the next connection. */
static int keep_or_close(long fd)
{
    if (fd < 0 || first_reserved == 0 || fd < first_reserved)
        return (int)fd;
    (void)close((int)fd);
    ql_metric_add(&metrics[0], NULL, 1);
    errno = ECONNABORTED;
    return -1;
}

int accept4(int listener, __SOCKADDR_ARG address, socklen_t *length, int flags)
{
    return keep_or_close(syscall(SYS_accept4, listener, address.__sockaddr__, length, (long)flags));
}

int accept(int listener, __SOCKADDR_ARG address, socklen_t *length)
{
    return keep_or_close(syscall(SYS_accept4, listener, address.__sockaddr__, length, 0L));
}
