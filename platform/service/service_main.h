/* The whole life of a service's process, for its main.c. */
#ifndef QL_SERVICE_SERVICE_MAIN_H
#define QL_SERVICE_SERVICE_MAIN_H

#include "platform/service/service.h"

/* Runs the service: settings, --help, --check-config, --migrate (with
 * QL_PG_OWNER_URL), --seed-demo (local mode only), the service's own command, and
 * the process until its end. Returns the exit status. */
int ql_service_main(int argc, char **argv, const struct ql_service *service);

#endif
