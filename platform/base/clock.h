/* Time, in milliseconds and always with the clock's name in the function's. */
#ifndef QL_BASE_CLOCK_H
#define QL_BASE_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int64_t ql_monotonic_ms(void); /* for deadlines and durations */
int64_t ql_unix_ms(void);      /* for what is stored or sent */

enum { QL_RFC3339_MAX = 32 };

/* "2026-01-02T03:04:05.678Z", always UTC (RFC 3339). */
void ql_rfc3339_from_unix_ms(int64_t unix_ms, char ret_text[QL_RFC3339_MAX]);

/* Sleeps; returns early with true once *stop is set (checked every 10 ms). */
bool ql_sleep_ms(int64_t duration_ms, const _Atomic bool *stop);

#endif
