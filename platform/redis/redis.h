/* Redis: commands, pipelines and scripts, bounded in time and size.
 *
 * Every thread that uses a client has a connection of its own in it: made when it
 * is first needed, made anew after a loss, closed when the thread ends. What Redis
 * holds is a copy of what PostgreSQL knows, so a caller goes on without it:
 * UNAVAILABLE (REDIS_UNAVAILABLE) comes within max_wait_ms, and at once while
 * Redis is known to be away. Not for commands that block, push, or change the
 * connection (BLPOP, SUBSCRIBE, SELECT, a MULTI left open).
 *
 *   struct ql_redis_reply reply;
 *   rc = ql_redis_run(call, redis, &QL_REDIS_COMMAND("GET", key), &reply); */
#ifndef QL_REDIS_REDIS_H
#define QL_REDIS_REDIS_H

#include <stddef.h>
#include <stdint.h>

#include "platform/base/call.h"

enum {
    QL_REDIS_PIPELINE_MAX = 256,          /* commands of one pipeline */
    QL_REDIS_ARGUMENTS_MAX = 4096,        /* of one command */
    QL_REDIS_REQUEST_BYTES_MAX = 4 << 20, /* of one pipeline */
    QL_REDIS_REPLY_BYTES_DEFAULT = 1 << 20 /* of all replies of one pipeline */,
    QL_REDIS_ELEMENTS_DEFAULT = 16384, /* of all arrays of one pipeline */
    QL_REDIS_DEPTH_MAX = 6,            /* arrays within arrays */
    QL_REDIS_WAIT_DEFAULT_MS = 250,
};

struct ql_redis;

struct ql_redis_options {
    const char *url;         /* redis://[[user]:password@]host[:port][/database] */
    const char *client_name; /* shown by CLIENT LIST: printable, no spaces; NULL: questline */
    int64_t max_wait_ms;     /* for one pipeline, and never past the deadline; 0: the default */
    size_t max_reply_bytes;  /* 0: the default */
    size_t max_elements;     /* 0: the default */
};

/* What is wrong with a URL, without a word of the URL itself; NULL: nothing. For
 * settings, so that a start stops with the key's name. Any thread. */
const char *ql_redis_url_fault(const char *url);

/* A client; connects lazily, so that a process starts without its Redis. NULL
 * without memory, or when the URL has a fault. The caller frees it after every
 * other thread that used it has ended, or will not use it again. */
struct ql_redis *ql_redis_new(const struct ql_redis_options *options);
void ql_redis_free(struct ql_redis *redis); /* NULL is fine */

/* A Lua script: sent once per connection, then called by its SHA-1. Static. A room's
 * put_newer.lua becomes lua_put_newer in put_newer_lua.h. */
struct ql_redis_script {
    const char *name; /* for the log */
    const char *text;
};

/* Arguments are bytes; lengths NULL: all of them are texts. An argument that is
 * NULL, as a full arena gives it, makes the command fail with RESOURCE_EXHAUSTED,
 * so that callers need no check. */
struct ql_redis_command {
    const char *const *arguments; /* the command's name first; with a script: its keys first */
    const size_t *lengths;
    size_t n_arguments;
    const struct ql_redis_script *script; /* NULL: a plain command */
    size_t n_keys;                        /* of the script */
};

/* Commands of texts, in place; they live as long as the enclosing block (a branch
 * of an if is one). */
#define QL_REDIS_ARGUMENTS(...)                                                                    \
    .arguments = (const char *const[]){__VA_ARGS__},                                               \
    .n_arguments = sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *)
#define QL_REDIS_COMMAND(...) ((struct ql_redis_command){QL_REDIS_ARGUMENTS(__VA_ARGS__)})
#define QL_REDIS_SCRIPT(script_, n_keys_, ...)                                                     \
    ((struct ql_redis_command){QL_REDIS_ARGUMENTS(__VA_ARGS__), .script = (script_),               \
                               .n_keys = (n_keys_)})

enum ql_redis_kind {
    QL_REDIS_NIL,
    QL_REDIS_TEXT, /* a bulk or simple string: text and length, a NUL behind it */
    QL_REDIS_INTEGER,
    QL_REDIS_ARRAY,
    QL_REDIS_ERROR, /* text: "WRONGTYPE Operation against ..." */
};

/* A reply; lives in the call's arena. */
struct ql_redis_reply {
    enum ql_redis_kind kind;
    int64_t integer;
    const char *text;
    size_t length;
    struct ql_redis_reply *elements;
    size_t n_elements;
};

/* Runs one command. An error reply becomes UNAVAILABLE when it tells of Redis'
 * state (LOADING, OOM, READONLY, MISCONF, ...), else INTERNAL; *ret_reply holds it
 * then. Replies past the client's bounds: RESOURCE_EXHAUSTED
 * (REDIS_REPLY_TOO_LARGE). When the answer is lost the result is UNAVAILABLE and
 * it is not known whether the command ran; nothing is run twice. Any thread. */
enum ql_code ql_redis_run(struct ql_call *call, struct ql_redis *redis,
                          const struct ql_redis_command *command,
                          struct ql_redis_reply *ret_reply) QL_MUST_CHECK;

/* Runs commands in one round trip, in order but not as a transaction: others'
 * commands may come between, and one that fails does not keep the next ones from
 * running. The result is the first error reply's; ret_replies holds all
 * n_commands. A script that Redis has forgotten meanwhile runs after the rest. */
enum ql_code ql_redis_run_pipeline(struct ql_call *call, struct ql_redis *redis,
                                   const struct ql_redis_command *commands, size_t n_commands,
                                   struct ql_redis_reply *ret_replies) QL_MUST_CHECK;

#endif
