/* Reading the options of events and queues. They are read in two rounds: counted, so that
 * the arrays have their size, and filled. */
#include "platform/pb/schema_events.h"

#include <string.h>

#include "questline/event/v1/options.pb-c.h"

#include "platform/pb/message.h"
#include "platform/pb/schema_build.h"
#include "platform/pb/schema_options.h"

/* Keys under this prefix are those of dead letters. */
#define DEAD_LETTER_PREFIX "dead."

typedef Google__Protobuf__FileDescriptorProto file_proto;
typedef Questline__Event__V1__EventOptions event_options;
typedef Questline__Event__V1__QueueOptions queue_options;

/* Reads the options of one event; *ret_options is NULL for a message that is none. */
static bool event_options_read(struct qli_schema_build *build,
                               const Google__Protobuf__DescriptorProto *message,
                               event_options **ret_options)
{
    ProtobufCAllocator allocator;
    const uint8_t *bytes;
    size_t length;

    *ret_options = NULL;
    if (message->options == NULL ||
        !qli_option_bytes(&message->options->base, QLI_OPTION_EVENT, &bytes, &length))
        return true;
    ql_arena_allocator(build->scratch, &allocator);
    *ret_options = questline__event__v1__event_options__unpack(&allocator, length, bytes);
    return *ret_options != NULL ||
           qli_schema_fail(build, "%s: malformed options of an event", message->name);
}

static bool queue_options_read(struct qli_schema_build *build,
                               const Google__Protobuf__ServiceDescriptorProto *service,
                               queue_options **ret_options)
{
    ProtobufCAllocator allocator;
    const uint8_t *bytes;
    size_t length;

    *ret_options = NULL;
    if (service->options == NULL ||
        !qli_option_bytes(&service->options->base, QLI_OPTION_QUEUE, &bytes, &length))
        return true;
    ql_arena_allocator(build->scratch, &allocator);
    *ret_options = questline__event__v1__queue_options__unpack(&allocator, length, bytes);
    return *ret_options != NULL ||
           qli_schema_fail(build, "%s: malformed options of a queue", service->name);
}

static bool events_count(struct qli_schema_build *build, const file_proto *file)
{
    struct qli_schema_events *events = &build->schema->events;
    event_options *event;
    queue_options *queue;

    for (size_t i = 0; i < file->n_message_type; i++) {
        if (!event_options_read(build, file->message_type[i], &event))
            return false;
        if (event != NULL)
            events->n_types += event->n_types == 0 ? 1 : event->n_types;
    }
    for (size_t i = 0; i < file->n_service; i++) {
        if (!queue_options_read(build, file->service[i], &queue))
            return false;
        events->n_queues += queue != NULL;
    }
    return true;
}

static bool event_type_add(struct qli_schema_build *build, const struct ql_event_type *common,
                           const char *name)
{
    struct qli_schema_events *events = &build->schema->events;
    struct ql_event_type *type = &events->types[build->event_types_done++];

    *type = *common;
    type->type = ql_arena_strdup(build->schema->arena, name);
    if (type->type == NULL)
        return qli_schema_fail(build, "out of memory");
    return qli_name_index_add(&events->types_by_name, type->type, type) ||
           qli_schema_fail(build, "the event type %s is declared twice", type->type);
}

static bool event_fill(struct qli_schema_build *build, const file_proto *file,
                       const Google__Protobuf__DescriptorProto *message)
{
    struct ql_arena *arena = build->schema->arena;
    struct ql_event_type common;
    event_options *stated;

    if (!event_options_read(build, message, &stated))
        return false;
    if (stated == NULL)
        return true;
    if (file->package == NULL)
        return qli_schema_fail(build, "%s: an event needs a package", message->name);
    if (stated->key[0] == '\0' || stated->publisher[0] == '\0')
        return qli_schema_fail(build, "%s: an event needs a key and a publisher", message->name);
    if (strncmp(stated->key, DEAD_LETTER_PREFIX, strlen(DEAD_LETTER_PREFIX)) == 0)
        return qli_schema_fail(build, "%s: the key %s is of dead letters", message->name,
                               stated->key);
    common = (struct ql_event_type){
        .routing_key = ql_arena_strdup(arena, stated->key),
        .publisher = ql_arena_strdup(arena, stated->publisher),
        .body = ql_arena_printf(arena, "%s.%s", file->package, message->name),
        .stream = ql_arena_strdup(arena, stated->stream),
        .is_of_users = stated->of_user,
    };
    if (common.routing_key == NULL || common.publisher == NULL || common.body == NULL ||
        common.stream == NULL)
        return qli_schema_fail(build, "out of memory");
    if (stated->n_types == 0)
        return event_type_add(build, &common, message->name);
    for (size_t i = 0; i < stated->n_types; i++)
        if (!event_type_add(build, &common, stated->types[i]))
            return false;
    return true;
}

static bool bindings_fill(struct qli_schema_build *build, struct ql_event_queue *queue,
                          const queue_options *stated)
{
    struct ql_arena *arena = build->schema->arena;
    const char **bindings = ql_arena_calloc(arena, stated->n_bind + 1, sizeof(*bindings));

    if (bindings == NULL)
        return qli_schema_fail(build, "out of memory");
    for (size_t i = 0; i < stated->n_bind; i++) {
        if (stated->bind[i][0] == '\0' || strcmp(stated->bind[i], "#") == 0)
            return qli_schema_fail(build, "the queue of %s is bound to \"%s\"", queue->package,
                                   stated->bind[i]);
        bindings[i] = ql_arena_strdup(arena, stated->bind[i]);
        if (bindings[i] == NULL)
            return qli_schema_fail(build, "out of memory");
    }
    queue->bindings = bindings;
    return true;
}

static bool queue_fill(struct qli_schema_build *build, const file_proto *file,
                       const Google__Protobuf__ServiceDescriptorProto *service)
{
    struct qli_schema_events *events = &build->schema->events;
    struct ql_event_queue *queue;
    queue_options *stated;

    if (!queue_options_read(build, service, &stated))
        return false;
    if (stated == NULL)
        return true;
    if (file->package == NULL)
        return qli_schema_fail(build, "%s: a queue needs a package", service->name);
    for (size_t i = 0; i < build->queues_done; i++)
        if (strcmp(events->queues[i].package, file->package) == 0)
            return qli_schema_fail(build, "%s has two queues", file->package);
    queue = &events->queues[build->queues_done++];
    queue->package = ql_arena_strdup(build->schema->arena, file->package);
    queue->service = qli_domain_of(build->schema->arena, file->package);
    if (queue->package == NULL || queue->service == NULL)
        return qli_schema_fail(build, "out of memory");
    if (queue->service[0] == '\0')
        return qli_schema_fail(build, "%s: only packages of questline have queues", service->name);
    return bindings_fill(build, queue, stated);
}

static bool custom_publisher_fill(struct qli_schema_build *build, const file_proto *file,
                                  const Google__Protobuf__ServiceDescriptorProto *service)
{
    struct qli_schema_events *events = &build->schema->events;
    uint64_t flag = 0;

    if (service->options == NULL ||
        !qli_option_varint(&service->options->base, QLI_OPTION_PUBLISHES_CUSTOM, &flag) ||
        flag == 0)
        return true;
    if (events->custom_publisher[0] != '\0')
        return qli_schema_fail(build, "%s: another service publishes custom events", service->name);
    events->custom_publisher =
        qli_domain_of(build->schema->arena, file->package == NULL ? "" : file->package);
    return events->custom_publisher != NULL || qli_schema_fail(build, "out of memory");
}

static bool events_fill(struct qli_schema_build *build, const file_proto *file)
{
    for (size_t i = 0; i < file->n_message_type; i++)
        if (!event_fill(build, file, file->message_type[i]))
            return false;
    for (size_t i = 0; i < file->n_service; i++)
        if (!queue_fill(build, file, file->service[i]) ||
            !custom_publisher_fill(build, file, file->service[i]))
            return false;
    return true;
}

bool qli_schema_events_read(struct qli_schema_build *build,
                            const Google__Protobuf__FileDescriptorSet *set)
{
    struct qli_schema_events *events = &build->schema->events;
    struct ql_arena *arena = build->schema->arena;

    events->custom_publisher = "";
    for (size_t i = 0; i < set->n_file; i++)
        if (!events_count(build, set->file[i]))
            return false;
    events->types = ql_arena_calloc(arena, events->n_types, sizeof(*events->types));
    events->queues = ql_arena_calloc(arena, events->n_queues, sizeof(*events->queues));
    if (events->types == NULL || events->queues == NULL ||
        !qli_name_index_init(&events->types_by_name, arena, events->n_types))
        return qli_schema_fail(build, "out of memory");
    for (size_t i = 0; i < set->n_file; i++)
        if (!events_fill(build, set->file[i]))
            return false;
    return true;
}

const struct ql_event_type *ql_schema_event_types(const struct ql_schema *schema, size_t *ret_count)
{
    *ret_count = schema->events.n_types;
    return schema->events.types;
}

const struct ql_event_type *ql_schema_event_type(const struct ql_schema *schema, const char *type)
{
    return qli_name_index_find(&schema->events.types_by_name, type, strlen(type));
}

const struct ql_event_queue *ql_schema_event_queues(const struct ql_schema *schema,
                                                    size_t *ret_count)
{
    *ret_count = schema->events.n_queues;
    return schema->events.queues;
}

const char *ql_schema_custom_publisher(const struct ql_schema *schema)
{
    return schema->events.custom_publisher;
}
