/* A kind of resource: a message of the contract whose revisions are stored, announced
 * and read the same way as those of every other kind. The functions of this folder do
 * all of it; a kind says only what is its own: names, statements and rules.
 *
 * The message has the fields <name>_id (its first), revision, revised_at, archived and
 * etag; created_at is optional. Instead of archived it may have state, an enumeration with
 * the value ARCHIVED. A table's columns have the names of the fields, so a row becomes a
 * message, and a message a row, without a list of them.
 *
 * What a client may change is what (google.api.field_behavior) says in the contract. */
#ifndef QL_RESOURCE_KIND_H
#define QL_RESOURCE_KIND_H

#include "platform/pg/pg.h"

#include <protobuf-c/protobuf-c.h>

struct ql_resource_kind {
    const char *name; /* in keys, ids of events, paths of violations and the audit trail */
    const char *not_found_reason;
    const char *archived_reason;
    const ProtobufCMessageDescriptor *type;
    /* The event's body, whose first field is the resource; NULL: changes are not announced,
     * and the kind has no read side. */
    const ProtobufCMessageDescriptor *changed;
    const char *event_type;

    /* Statements select one column, the row as JSON. */
    struct {
        /* $1 the row as JSON: stores it as the newest and as a kept revision. One row,
         * or none when it does not follow the newest. */
        const struct ql_pg_statement *put;
        const struct ql_pg_statement *get;          /* $1 id */
        const struct ql_pg_statement *lock;         /* $1 id; until the transaction ends */
        const struct ql_pg_statement *get_revision; /* $1 id, $2 revision */
        /* By id: $1 the id to begin behind, $2 rows at most. list_open: those that are
         * not archived, and those archived since $3, in ms since 1970. list_matching:
         * those of them (of all, when $3 is 0) that are like $4, the filter as JSON, and
         * whatever was revised since $5; NULL for a kind without filters. */
        const struct ql_pg_statement *list;
        const struct ql_pg_statement *list_open;
        const struct ql_pg_statement *list_matching;
    } statements;

    /* Gives values that mean the same one form. Called on what a client sends and on what
     * is read, before anything else looks at it; RESOURCE_EXHAUSTED. NULL: none has two. */
    enum ql_code (*normalize)(struct ql_call *call, void *resource);
    /* Reports every violation of what one resource must hold by itself. No I/O. */
    enum ql_code (*check_fields)(struct ql_call *call, const void *resource);
    /* What must hold beyond: between the change (before is NULL for a new resource) and
     * the rows of others, which stay so until the commit. NULL: nothing. */
    enum ql_code (*check_change)(struct ql_call *call, struct ql_pg_tx *tx, const void *before,
                                 const void *after);
    /* Whether it may be archived. NULL: always. */
    enum ql_code (*check_archive)(struct ql_call *call, struct ql_pg_tx *tx, const void *resource);

    /* What a List request filters by, as a resource with nothing else set;
     * *ret_has_filter is false for none. INVALID_ARGUMENT. NULL: no filters. */
    enum ql_code (*read_filter)(struct ql_call *call, const void *request, void *ret_filter,
                                bool *ret_has_filter);
    bool (*matches_filter)(const void *filter, const void *resource);
    /* The same of a resource as it is encoded, without I/O or memory and within a
     * microsecond or so: lists with a filter are then answered from memory as well. NULL:
     * from PostgreSQL. */
    bool (*matches_encoded)(const void *filter, const void *bytes, size_t length);
};

/* The fields that every resource has. */
struct ql_resource_head {
    const char *id;
    int64_t revision;
    int64_t revised_ms; /* since 1970 */
    bool is_archived;
    const char *etag;
};

/* Reads them; the texts stay the resource's memory. */
struct ql_resource_head ql_resource_head_of(const ProtobufCMessage *resource);

/* Makes the resource the first revision, of this id, or the next one, of now. */
enum ql_code ql_resource_begin(struct ql_call *call, ProtobufCMessage *resource,
                               const char *id) QL_MUST_CHECK;
enum ql_code ql_resource_revise(struct ql_call *call, ProtobufCMessage *resource) QL_MUST_CHECK;
/* Makes it an archived one; its revision stays as it is. */
void ql_resource_set_archived(ProtobufCMessage *resource);
/* Its etag is the number of its revision. */
enum ql_code ql_resource_set_etag(struct ql_call *call, ProtobufCMessage *resource) QL_MUST_CHECK;

/* Where the message keeps the field, NULL when its type has none of this name; and the
 * first field, which requests and answers have for what they are about. */
void *ql_resource_member(const ProtobufCMessage *message, const char *name);
void *ql_resource_first_member(const ProtobufCMessage *message);

/* Drops the fields that this release does not know, in the message and all inside it: they
 * are not stored, so neither the answer nor the event has them. */
void ql_resource_drop_unknown(ProtobufCMessage *message);

/* A copy in the call's arena that shares what its fields point to; NULL when that is
 * full. */
ProtobufCMessage *ql_resource_copy(struct ql_call *call, const ProtobufCMessage *resource);

#endif
