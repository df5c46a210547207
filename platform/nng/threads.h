/* How many threads nng starts. */
#ifndef QL_NNG_THREADS_H
#define QL_NNG_THREADS_H

/* Starts nng's threads, a fixed few. Whoever uses nng calls it before: without it
 * nng starts two for each core when it is used first. Any thread, any number of times. */
void ql_nng_start(void);

#endif
