/* The texts of google.protobuf.Timestamp ("2024-02-29T12:00:00.500Z") and
 * Duration ("-1.5s"). */
#ifndef QLI_PB_JSON_TIME_H
#define QLI_PB_JSON_TIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { QLI_TIME_SIZE = 48 };

/* False when the text is none (RFC 3339, capital T and Z, or an offset) or the
 * time lies outside the years 1 to 9999. */
bool qli_timestamp_read(const char *text, size_t length, int64_t *ret_seconds, int32_t *ret_nanos);
/* The length; 0 when the time lies outside those years. */
size_t qli_timestamp_print(char out[QLI_TIME_SIZE], int64_t seconds, int32_t nanos);

/* The same; a duration is at most 315,576,000,000 whole seconds either way. */
bool qli_duration_read(const char *text, size_t length, int64_t *ret_seconds, int32_t *ret_nanos);
size_t qli_duration_print(char out[QLI_TIME_SIZE], int64_t seconds, int32_t nanos);

#endif
