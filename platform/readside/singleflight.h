/* Loads shared by those who want the same: one at a time for each key, whose result
 * serves everybody who asks while it is fresh. It keeps a cold key, or one that does
 * not exist, from being looked up by a hundred callers at once.
 *
 *   rc = ql_singleflight_run(call, group, id, load, &wanted, &result); */
#ifndef QL_READSIDE_SINGLEFLIGHT_H
#define QL_READSIDE_SINGLEFLIGHT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "platform/base/call.h"

enum {
    QL_SINGLEFLIGHT_KEY_MAX = 63,
    QL_SINGLEFLIGHT_RESULT_MAX = 16 * 1024, /* a larger result is its loader's alone */
};

struct ql_singleflight;

/* In the arena of the call that got it. */
struct ql_singleflight_result {
    const void *bytes;
    size_t length;
    int64_t stale_ms; /* monotonic: not for others from then on; 0: only their age counts */
};

/* QL_OK, or a failure: NOT_FOUND is shared like a result, any other with those who
 * were waiting, and with nobody when the loading call's deadline has passed: the next
 * of them loads. */
typedef enum ql_code ql_singleflight_load(struct ql_call *call, void *argument,
                                          struct ql_singleflight_result *ret_result);

/* Results are shared until fresh_ms after their load began. NULL without memory. */
struct ql_singleflight *ql_singleflight_new(size_t n_keys, int64_t fresh_ms);
void ql_singleflight_free(struct ql_singleflight *group); /* NULL is fine; nobody waits any more */

/* Gives a fresh result, waits for the load under way within the call's deadline
 * (DEADLINE_EXCEEDED), or loads on this thread. *ret_is_shared: another call's load.
 * Any thread that may block. */
enum ql_code ql_singleflight_run(struct ql_call *call, struct ql_singleflight *group,
                                 const char *key, ql_singleflight_load *load, void *argument,
                                 struct ql_singleflight_result *ret_result,
                                 bool *ret_is_shared) QL_MUST_CHECK;

/* For fast handlers: a fresh result that was loaded, which it copies into the call's arena, or
 * false. It loads nothing and never waits, so false may also mean that another thread is at
 * the table. Any thread. */
bool ql_singleflight_find(struct ql_call *call, struct ql_singleflight *group, const char *key,
                          struct ql_singleflight_result *ret_result) QL_MUST_CHECK;

#endif
