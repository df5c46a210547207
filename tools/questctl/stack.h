/* Where things are: the addresses of services, the broker, the keys. They come
 * from the environment, as for every process of ours, and what is missing there
 * from questctl.env in a state folder of scripts/run.sh. */
#ifndef QUESTCTL_STACK_H
#define QUESTCTL_STACK_H

#include <stdbool.h>
#include <stddef.h>

enum { STACK_SERVICES_MAX = 16, STACK_NAME_SIZE = 48 };

struct stack_service {
    char name[STACK_NAME_SIZE]; /* "user", of QL_USER_ADDRESS */
    const char *addresses;      /* "tcp://127.0.0.1:8030,tcp://…" */
};

struct stack {
    struct stack_service services[STACK_SERVICES_MAX]; /* by name */
    size_t n_services;
    /* "" where nobody said. */
    char *amqp_url;
    char *amqp_admin_url; /* of the account that may declare queues */
    char *gateway_ops;    /* "127.0.0.1:8005,…": one for each replica of the gateway */
    char *jwks_file;
    char *key_file;
    char *token;
    char *password;
};

/* Reads all of it; state NULL: QL_STATE_DIR, else .run here. Before any thread
 * starts. False with a text in error. */
bool stack_load(struct stack *stack, const char *state, char *error, size_t error_size);
void stack_done(struct stack *stack);

/* NULL when there is none of that name. */
const struct stack_service *stack_service_find(const struct stack *stack, const char *name);

#endif
