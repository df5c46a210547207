/* How many threads nng starts in a program of ours. Linked by programs only: the file
 * defines sysconf for the whole program, which is no business of a library that is
 * handed out (cmake/QlClient.cmake). */
#ifndef QL_NNG_THREADS_H
#define QL_NNG_THREADS_H

/* Starts nng with two task threads. A program calls it before its first use of nng, which
 * otherwise starts two task threads for each core. Later calls do nothing. Any thread. */
void ql_nng_start(void);

#endif
