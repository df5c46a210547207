/* For tests: a redis-server of the test's own, to be killed, frozen and started
 * again on the same port. What goes wrong here fails the test. */
#ifndef QL_REDIS_TESTING_SERVER_H
#define QL_REDIS_TESTING_SERVER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <cmocka.h>

struct redis_server {
    char folder[32];
    char url[96]; /* with the password */
    int port;
    pid_t pid; /* 0: it does not run */
};

#define REDIS_SERVER_PASSWORD "correct-horse-battery"

/* False: Redis is not installed here. */
bool redis_server_is_installed(void);

/* A Redis that runs already (QL_TEST_REDIS_URL); NULL: there is none to test with. */
const char *redis_server_given_url(void);

/* Starts a server that keeps nothing on disk, on a free port, and waits for it. */
void redis_server_start(struct redis_server *server);
/* The same, on the port that it had. */
void redis_server_start_again(struct redis_server *server);

void redis_server_kill(struct redis_server *server);
void redis_server_freeze(const struct redis_server *server);
void redis_server_thaw(const struct redis_server *server);

/* Ends it and removes its folder. */
void redis_server_end(struct redis_server *server);

#endif
