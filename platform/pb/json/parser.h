/* Insides of reading: what the files that turn JSON (or a query) into wire bytes
 * share. All functions append to parse->out and fail with a violation. */
#ifndef QLI_PB_JSON_PARSER_H
#define QLI_PB_JSON_PARSER_H

#include "platform/base/buffer.h"
#include "platform/base/call.h"
#include "platform/pb/json/options.h"
#include "platform/pb/json/reader.h"
#include "platform/pb/schema/path.h"
#include "platform/pb/schema/schema.h"
#include "platform/pb/schema/wire_check.h"

/* Memory used again by every message at one depth, so that a message costs no
 * allocation of its own. */
struct qli_scratch {
    void *memory;
    size_t size;
};

struct qli_json_parse;

/* As qli_json_parse_message and qli_json_parse_members (parse.h). */
typedef enum ql_code qli_json_message_parser(struct qli_json_parse *parse,
                                             const struct qli_path *path,
                                             const struct ql_message *message);
typedef enum ql_code qli_json_member_parser(struct qli_json_parse *parse,
                                            const struct qli_path *path,
                                            const struct ql_message *message, const char *skipped);

struct qli_json_parse {
    struct ql_call *call;
    const struct ql_schema *schema;
    struct ql_buffer *out;
    const char *prefix; /* of paths */
    struct qli_json_reader reader;
    size_t n_elements;
    unsigned depth;
    bool writes_defaults; /* a 0 is written even where absent means 0 */
    unsigned max_depth;
    size_t max_elements;
    bool ignores_unknown;
    bool adds_well_known;
    ql_json_normalizer *normalize; /* of what an Any holds; NULL: none */
    bool has_ignored;              /* the scalar read last: a name that its enum does not have */
    /* Messages nest: what reads a field calls back what reads a message. */
    qli_json_message_parser *message;
    qli_json_member_parser *members;
    struct qli_scratch scratch[QL_JSON_MAX_DEPTH + 1];
};

/* A value that is no object or array, as it was found. A plain one came as mere
 * text, a map's key or a query's value: it is read as its field's type wants. */
struct qli_scalar {
    enum { QLI_SCALAR_STRING, QLI_SCALAR_NUMBER, QLI_SCALAR_BOOL, QLI_SCALAR_PLAIN } kind;
    struct qli_text text;
};

/* The same in terms of its type: bits as the wire has them (before their varint),
 * bytes for strings and bytes. */
struct qli_value {
    uint64_t bits;
    struct qli_text bytes;
};

/* Failures. malformed reports what the reader found. */
enum ql_code qli_json_violate(struct qli_json_parse *parse, const struct qli_path *path,
                              const char *format, ...) QL_PRINTF(3, 4);
enum ql_code qli_json_malformed(struct qli_json_parse *parse, const struct qli_path *path);

/* Around the content of a nested message: its length prefix and its depth. */
enum ql_code qli_json_open(struct qli_json_parse *parse, const struct qli_path *path,
                           uint32_t number, size_t *ret_mark);
void qli_json_close(struct qli_json_parse *parse, size_t mark);
enum ql_code qli_json_deeper(struct qli_json_parse *parse, const struct qli_path *path);

/* Step into the object or array that must be next. */
enum ql_code qli_json_enter_object(struct qli_json_parse *parse, const struct qli_path *path);
enum ql_code qli_json_enter_array(struct qli_json_parse *parse, const struct qli_path *path);

/* Moves over a value of whatever kind. */
enum ql_code qli_json_pass(struct qli_json_parse *parse, const struct qli_path *path);

/* Counts one more field or element against the limit. */
enum ql_code qli_json_count(struct qli_json_parse *parse, const struct qli_path *path);

/* The memory of the present depth, at least size bytes, the first kept bytes of
 * it preserved; NULL with the call failed. */
void *qli_json_scratch(struct qli_json_parse *parse, size_t size, size_t kept);

#endif
