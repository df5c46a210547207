/* JSON-lines log on standard error: one line, one JSON object.
 *
 *   QL_LOG(QL_LOG_INFO, &call->trace, QL_TEXT("event", "call"), QL_NUMBER("ms", 3));
 *   {"time":"2026-...Z","level":"info","service":"user","traceId":"...","event":"call","ms":3}
 *
 * A running process prints nothing else. Callers pass no secret; as a precaution, fields
 * whose key contains "password", "token", "secret", "authorization" or "key" as a word
 * are printed as "***". Any thread.
 *
 * A line is one write(2). Once ql_log_start was called, lines below
 * QL_LOG_WARN are buffered for some 20 ms and written together; a line of QL_LOG_WARN or
 * above is written, behind the buffered ones, before the call returns. Buffered lines are
 * lost when the process is killed or crashes. */
#ifndef QL_BASE_LOG_H
#define QL_BASE_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "platform/base/trace.h"

enum ql_log_level { QL_LOG_DEBUG, QL_LOG_INFO, QL_LOG_WARN, QL_LOG_ERROR };

enum ql_log_kind { QL_LOG_END = 0, QL_LOG_KIND_TEXT, QL_LOG_KIND_NUMBER, QL_LOG_KIND_BOOL };

struct ql_log_field {
    enum ql_log_kind kind;
    const char *key;
    const char *text; /* NULL prints null */
    int64_t number;
};

#define QL_TEXT(key_, text_) ((struct ql_log_field){QL_LOG_KIND_TEXT, (key_), (text_), 0})
#define QL_NUMBER(key_, number_)                                                                   \
    ((struct ql_log_field){QL_LOG_KIND_NUMBER, (key_), 0, (int64_t)(number_)})
#define QL_BOOL(key_, bool_) ((struct ql_log_field){QL_LOG_KIND_BOOL, (key_), 0, (bool_) ? 1 : 0})

/* Sets the process's name, which every line has, and the lowest level printed. Call
 * before any thread starts. */
void ql_log_setup(const char *service, enum ql_log_level lowest);

/* "debug", "info", "warn", "error"; false for anything else. */
bool ql_log_level_parse(const char *text, enum ql_log_level *ret_level);

/* fields ends with a QL_LOG_END. trace may be NULL. */
void ql_log_write(enum ql_log_level level, const struct ql_trace *trace,
                  const struct ql_log_field *fields);

/* As ql_log_write, for threads that must not block on a slow reader of the log: lines of
 * every level are buffered. False: the buffer is full, and the line is dropped. */
bool ql_log_offer(enum ql_log_level level, const struct ql_trace *trace,
                  const struct ql_log_field *fields);

#define QL_LOG(level, trace, ...)                                                                  \
    ql_log_write((level), (trace),                                                                 \
                 (const struct ql_log_field[]){__VA_ARGS__, {QL_LOG_END, 0, 0, 0}})

/* For tests: lines go to this descriptor instead of standard error. */
void ql_log_redirect(int fd);

/* Starts the thread that writes buffered lines. False: no thread or no memory; each line
 * is then written by itself. */
bool ql_log_start(void);

/* Writes the buffered lines and ends the thread. Later lines are written by themselves. */
void ql_log_stop(void);

#endif
