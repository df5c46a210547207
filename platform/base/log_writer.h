/* The thread that writes buffered log lines. Module-internal: log.h starts it. */
#ifndef QL_BASE_LOG_WRITER_H
#define QL_BASE_LOG_WRITER_H

#include <stdbool.h>
#include <stddef.h>

/* As ql_log_start and ql_log_stop. */
bool qli_log_writer_start(void);
void qli_log_writer_stop(void);

/* Sets the descriptor that lines are written to. Any thread. */
void qli_log_writer_redirect(int fd);

/* Appends a line to the buffer. False: the buffer is full, or the thread does not run.
 * is_urgent wakes the thread at once. Never waits for a write. */
bool qli_log_writer_append(const char *line, size_t length, bool is_urgent);

/* Writes the buffered lines, and then the line, which may be empty. */
void qli_log_writer_write(const char *line, size_t length);

/* True while the thread runs. */
bool qli_log_writer_is_running(void);

#endif
