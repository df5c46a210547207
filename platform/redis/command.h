/* Commands for Redis, Lua scripts, and replies. */
#ifndef QL_REDIS_COMMAND_H
#define QL_REDIS_COMMAND_H

#include <stddef.h>
#include <stdint.h>

enum {
    QL_REDIS_PIPELINE_MAX = 256,          /* commands of one pipeline */
    QL_REDIS_ARGUMENTS_MAX = 4096,        /* of one command */
    QL_REDIS_REQUEST_BYTES_MAX = 4 << 20, /* of one pipeline */
    QL_REDIS_DEPTH_MAX = 6,               /* arrays within arrays */
};

/* A Lua script: sent once per connection, then called by its SHA-1. Static. The build
 * makes lua_put_newer in put_newer_lua.h of a module's put_newer.lua. */
struct ql_redis_script {
    const char *name; /* for the log */
    const char *text;
};

/* Arguments are bytes; lengths NULL: all of them are texts. An argument that is NULL,
 * because an arena was full, makes the command fail with RESOURCE_EXHAUSTED, so that
 * callers need no check. */
struct ql_redis_command {
    const char *const *arguments; /* the command's name first; with a script: its keys first */
    const size_t *lengths;
    size_t n_arguments;
    const struct ql_redis_script *script; /* NULL: a plain command */
    size_t n_keys;                        /* of the script */
};

/* Commands of texts, as compound literals: they live as long as the enclosing block (a
 * branch of an if is one). */
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

#endif
