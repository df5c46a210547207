/* The settings of a process, and its usage text. */
#ifndef QL_PROCESS_CONFIGURATION_H
#define QL_PROCESS_CONFIGURATION_H

#include <stdbool.h>
#include <stdio.h>

#include "platform/process/description.h"

/* Fills every table and sets up the log. Invalid values and, outside local mode, weak
 * secrets and files of secrets that others may read (secret.h) are errors, each a line
 * with the key on `errors`. qli_configuration_done() releases in any case. */
bool qli_configuration_load(const struct ql_process *process, FILE *errors);
void qli_configuration_done(const struct ql_process *process);

/* A line on out for each QL_ key of the environment that no table has. */
void qli_configuration_warn_unknown(const struct ql_process *process, FILE *out);

void qli_configuration_print_help(const struct ql_process *process, FILE *out);

#endif
