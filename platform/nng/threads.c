/* Two task threads of nng instead of two per core.
 *
 * nng 1.5 has no setting for their number: it calls sysconf for the number of cores.
 * More task threads contend for nng's locks, and most of the cost of a message is
 * threads that wake each other (docs/benchmarks.md has the figures). Our callbacks
 * never block, so two are enough. */
#include "platform/nng/threads.h"

#include <pthread.h>
#include <stdbool.h>
#include <unistd.h>

#include <nng/nng.h>

/* glibc's own sysconf, whose public name is defined here. */
long __sysconf(int name); /* NOLINT(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */

/* nng calls sysconf in the thread that uses nng first; no other call gets this answer. */
static _Thread_local bool is_nng_starting;

/* ThreadSanitizer calls sysconf too, before it can instrument anything. */
#if defined(__clang__)
#define NOT_SANITIZED __attribute__((disable_sanitizer_instrumentation))
#else
#define NOT_SANITIZED __attribute__((no_sanitize("thread", "address", "undefined")))
#endif

/* Replaces the C library's in the whole program. */
NOT_SANITIZED long sysconf(int name)
{
    if (is_nng_starting && name == _SC_NPROCESSORS_ONLN)
        return 1;
    return __sysconf(name);
}

static void nng_start(void)
{
    nng_aio *aio;

    is_nng_starting = true;
    if (nng_aio_alloc(&aio, NULL, NULL) == 0)
        nng_aio_free(aio);
    is_nng_starting = false;
}

void ql_nng_start(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, nng_start);
}
