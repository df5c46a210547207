/* How many threads nng starts. */
#ifndef QL_RPC_NNG_THREADS_H
#define QL_RPC_NNG_THREADS_H

/* Before the first use of nng, which then starts its threads. Any thread, any
 * number of times. */
void qli_nng_start(void);

#endif
