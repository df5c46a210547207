/* The log's own thread, and the lines that wait for it. */
#ifndef QL_BASE_LOG_WRITER_H
#define QL_BASE_LOG_WRITER_H

#include <stdbool.h>
#include <stddef.h>

/* Where lines go; any thread. */
void qli_log_writer_redirect(int fd);

/* Gathers a line for the thread. False: there is no room, or no thread. is_urgent
 * wakes it at once. Never waits for a write. */
bool qli_log_writer_gather(const char *line, size_t length, bool is_urgent);

/* Writes what was gathered, and then the line, which may be empty. */
void qli_log_writer_write(const char *line, size_t length);

/* True while the thread runs. */
bool qli_log_writer_is_running(void);

#endif
