/* Reading the options of events and queues. They are read in two rounds: counted, so that
 * the arrays have their size, and filled. */
#include "platform/pb/schema/events.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "questline/event/v1/options.pb-c.h"

#include "platform/pb/schema/options.h"

/* Keys under this prefix are those of dead letters. */
#define DEAD_LETTER_PREFIX "dead."

typedef Google__Protobuf__FileDescriptorProto file_proto;
typedef Questline__Event__V1__EventOptions event_options;
typedef Questline__Event__V1__QueueOptions queue_options;

struct reader {
    struct qli_schema_events *events;
    struct ql_arena *arena;
    ProtobufCAllocator *scratch;
    size_t types_done, queues_done;
    char *error;
    size_t error_size;
};

/* Fills the error; always false. */
static bool reader_fail(struct reader *reader, const char *format, ...) QL_PRINTF(2, 3);

static bool reader_fail(struct reader *reader, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(reader->error, reader->error_size, format, arguments);
    va_end(arguments);
    return false;
}

/* The component after "questline."; "" for other packages, NULL without memory. */
static const char *domain_of(struct reader *reader, const char *package)
{
    static const char prefix[] = "questline.";
    const char *domain = package + sizeof(prefix) - 1;

    if (strncmp(package, prefix, sizeof(prefix) - 1) != 0)
        return "";
    return ql_arena_strndup(reader->arena, domain, strcspn(domain, "."));
}

/* Reads the options of one event; *ret_options is NULL for a message that is none. */
static bool event_options_read(struct reader *reader,
                               const Google__Protobuf__DescriptorProto *message,
                               event_options **ret_options)
{
    const uint8_t *bytes;
    size_t length;

    *ret_options = NULL;
    if (message->options == NULL ||
        !qli_option_bytes(&message->options->base, QLI_OPTION_EVENT, &bytes, &length))
        return true;
    *ret_options = questline__event__v1__event_options__unpack(reader->scratch, length, bytes);
    return *ret_options != NULL ||
           reader_fail(reader, "%s: malformed options of an event", message->name);
}

static bool queue_options_read(struct reader *reader,
                               const Google__Protobuf__ServiceDescriptorProto *service,
                               queue_options **ret_options)
{
    const uint8_t *bytes;
    size_t length;

    *ret_options = NULL;
    if (service->options == NULL ||
        !qli_option_bytes(&service->options->base, QLI_OPTION_QUEUE, &bytes, &length))
        return true;
    *ret_options = questline__event__v1__queue_options__unpack(reader->scratch, length, bytes);
    return *ret_options != NULL ||
           reader_fail(reader, "%s: malformed options of a queue", service->name);
}

static bool events_count(struct reader *reader, const file_proto *file)
{
    struct qli_schema_events *events = reader->events;
    event_options *event;
    queue_options *queue;

    for (size_t i = 0; i < file->n_message_type; i++) {
        if (!event_options_read(reader, file->message_type[i], &event))
            return false;
        if (event != NULL)
            events->n_types += event->n_types == 0 ? 1 : event->n_types;
    }
    for (size_t i = 0; i < file->n_service; i++) {
        if (!queue_options_read(reader, file->service[i], &queue))
            return false;
        events->n_queues += queue != NULL;
    }
    return true;
}

static bool event_type_add(struct reader *reader, const struct ql_event_type *common,
                           const char *name)
{
    struct qli_schema_events *events = reader->events;
    struct ql_event_type *type = &events->types[reader->types_done++];

    *type = *common;
    type->type = ql_arena_strdup(reader->arena, name);
    if (type->type == NULL)
        return reader_fail(reader, "out of memory");
    return qli_name_index_add(&events->types_by_name, type->type, type) ||
           reader_fail(reader, "the event type %s is declared twice", type->type);
}

static bool event_fill(struct reader *reader, const file_proto *file,
                       const Google__Protobuf__DescriptorProto *message)
{
    struct ql_arena *arena = reader->arena;
    struct ql_event_type common;
    event_options *stated;

    if (!event_options_read(reader, message, &stated))
        return false;
    if (stated == NULL)
        return true;
    if (file->package == NULL)
        return reader_fail(reader, "%s: an event needs a package", message->name);
    if (stated->key[0] == '\0' || stated->publisher[0] == '\0')
        return reader_fail(reader, "%s: an event needs a key and a publisher", message->name);
    if (strncmp(stated->key, DEAD_LETTER_PREFIX, strlen(DEAD_LETTER_PREFIX)) == 0)
        return reader_fail(reader, "%s: the key %s is of dead letters", message->name, stated->key);
    common = (struct ql_event_type){
        .routing_key = ql_arena_strdup(arena, stated->key),
        .publisher = ql_arena_strdup(arena, stated->publisher),
        .body = ql_arena_printf(arena, "%s.%s", file->package, message->name),
        .stream = ql_arena_strdup(arena, stated->stream),
        .is_of_users = stated->of_user,
    };
    if (common.routing_key == NULL || common.publisher == NULL || common.body == NULL ||
        common.stream == NULL)
        return reader_fail(reader, "out of memory");
    if (stated->n_types == 0)
        return event_type_add(reader, &common, message->name);
    for (size_t i = 0; i < stated->n_types; i++)
        if (!event_type_add(reader, &common, stated->types[i]))
            return false;
    return true;
}

static bool bindings_fill(struct reader *reader, struct ql_event_queue *queue,
                          const queue_options *stated)
{
    struct ql_arena *arena = reader->arena;
    const char **bindings = ql_arena_calloc(arena, stated->n_bind + 1, sizeof(*bindings));

    if (bindings == NULL)
        return reader_fail(reader, "out of memory");
    for (size_t i = 0; i < stated->n_bind; i++) {
        if (stated->bind[i][0] == '\0' || strcmp(stated->bind[i], "#") == 0)
            return reader_fail(reader, "the queue of %s is bound to \"%s\"", queue->package,
                               stated->bind[i]);
        bindings[i] = ql_arena_strdup(arena, stated->bind[i]);
        if (bindings[i] == NULL)
            return reader_fail(reader, "out of memory");
    }
    queue->bindings = bindings;
    return true;
}

static bool queue_is_new(struct reader *reader, const char *package, const char *name)
{
    const struct ql_event_queue *queues = reader->events->queues;

    for (size_t i = 0; i < reader->queues_done; i++) {
        if (strcmp(queues[i].package, package) == 0 && strcmp(queues[i].name, name) == 0)
            return reader_fail(reader, "%s has two queues \"%s\"", package, name);
    }
    return true;
}

static bool queue_fill(struct reader *reader, const file_proto *file,
                       const Google__Protobuf__ServiceDescriptorProto *service)
{
    struct qli_schema_events *events = reader->events;
    struct ql_event_queue *queue;
    queue_options *stated;

    if (!queue_options_read(reader, service, &stated))
        return false;
    if (stated == NULL)
        return true;
    if (file->package == NULL)
        return reader_fail(reader, "%s: a queue needs a package", service->name);
    if (strspn(stated->name, "abcdefghijklmnopqrstuvwxyz") != strlen(stated->name))
        return reader_fail(reader, "%s: a queue's name has letters a to z, not \"%s\"",
                           service->name, stated->name);
    if (!queue_is_new(reader, file->package, stated->name))
        return false;
    queue = &events->queues[reader->queues_done++];
    queue->package = ql_arena_strdup(reader->arena, file->package);
    queue->service = domain_of(reader, file->package);
    queue->name = ql_arena_strdup(reader->arena, stated->name);
    if (queue->package == NULL || queue->service == NULL || queue->name == NULL)
        return reader_fail(reader, "out of memory");
    if (queue->service[0] == '\0')
        return reader_fail(reader, "%s: only packages of questline have queues", service->name);
    return bindings_fill(reader, queue, stated);
}

static bool custom_publisher_fill(struct reader *reader, const file_proto *file,
                                  const Google__Protobuf__ServiceDescriptorProto *service)
{
    struct qli_schema_events *events = reader->events;
    uint64_t flag = 0;

    if (service->options == NULL ||
        !qli_option_varint(&service->options->base, QLI_OPTION_PUBLISHES_CUSTOM, &flag) ||
        flag == 0)
        return true;
    if (events->custom_publisher[0] != '\0')
        return reader_fail(reader, "%s: another service publishes custom events", service->name);
    events->custom_publisher = domain_of(reader, file->package == NULL ? "" : file->package);
    return events->custom_publisher != NULL || reader_fail(reader, "out of memory");
}

static bool events_fill(struct reader *reader, const file_proto *file)
{
    for (size_t i = 0; i < file->n_message_type; i++)
        if (!event_fill(reader, file, file->message_type[i]))
            return false;
    for (size_t i = 0; i < file->n_service; i++)
        if (!queue_fill(reader, file, file->service[i]) ||
            !custom_publisher_fill(reader, file, file->service[i]))
            return false;
    return true;
}

bool qli_schema_events_read(struct qli_schema_events *events, struct ql_arena *arena,
                            ProtobufCAllocator *scratch,
                            const Google__Protobuf__FileDescriptorSet *set, char *error,
                            size_t error_size)
{
    struct reader reader = {.events = events,
                            .arena = arena,
                            .scratch = scratch,
                            .error = error,
                            .error_size = error_size};

    *events = (struct qli_schema_events){.custom_publisher = ""};
    for (size_t i = 0; i < set->n_file; i++)
        if (!events_count(&reader, set->file[i]))
            return false;
    events->types = ql_arena_calloc(arena, events->n_types, sizeof(*events->types));
    events->queues = ql_arena_calloc(arena, events->n_queues, sizeof(*events->queues));
    if (events->types == NULL || events->queues == NULL ||
        !qli_name_index_init(&events->types_by_name, arena, events->n_types))
        return reader_fail(&reader, "out of memory");
    for (size_t i = 0; i < set->n_file; i++)
        if (!events_fill(&reader, set->file[i]))
            return false;
    return true;
}
