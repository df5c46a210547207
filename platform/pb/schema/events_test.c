/* Tests of the options of events and queues: what is read, and what is refused. */
#include "platform/pb/schema/schema.h"
#include "platform/pb/schema/events.h"

#include "google/protobuf/descriptor.pb-c.h"
#include "questline/event/v1/options.pb-c.h"

#include "platform/pb/testing/testdata_fixture.h"

enum { ERROR_MAX = 256, OPTION = 50001, OPTION_CUSTOM = 50002, BYTES_MAX = 4096 };

typedef Questline__Event__V1__EventOptions event_options;
typedef Questline__Event__V1__QueueOptions queue_options;

/* A file of one message, which is an event, and two services. */
struct sample {
    Google__Protobuf__FileDescriptorSet set;
    Google__Protobuf__FileDescriptorProto file, *files[1];
    Google__Protobuf__DescriptorProto message, *messages[1];
    Google__Protobuf__ServiceDescriptorProto service[2], *services[2];
    Google__Protobuf__MessageOptions message_options;
    Google__Protobuf__ServiceOptions service_options[2];
    ProtobufCMessageUnknownField event_field, queue_field[2], custom_field[2];
    uint8_t event_bytes[BYTES_MAX], queue_bytes[2][BYTES_MAX];
    event_options event;
    queue_options queue[2];
    char error[ERROR_MAX];
};

static void sample_init(struct sample *sample)
{
    memset(sample, 0, sizeof(*sample));
    google__protobuf__file_descriptor_set__init(&sample->set);
    google__protobuf__file_descriptor_proto__init(&sample->file);
    google__protobuf__descriptor_proto__init(&sample->message);
    google__protobuf__message_options__init(&sample->message_options);
    questline__event__v1__event_options__init(&sample->event);
    sample->files[0] = &sample->file;
    sample->set.file = sample->files;
    sample->set.n_file = 1;
    sample->file.name = (char *)"arena.proto";
    sample->file.package = (char *)"questline.arena.v1";
    sample->file.syntax = (char *)"proto3";
    sample->messages[0] = &sample->message;
    sample->file.message_type = sample->messages;
    sample->file.n_message_type = 1;
    sample->message.name = (char *)"ArenaWon";
    sample->message.options = &sample->message_options;
    sample->event.key = (char *)"arena.won";
    sample->event.publisher = (char *)"arena";
    sample->file.service = sample->services;
    sample->file.n_service = 2;
    for (size_t i = 0; i < 2; i++) {
        google__protobuf__service_descriptor_proto__init(&sample->service[i]);
        google__protobuf__service_options__init(&sample->service_options[i]);
        questline__event__v1__queue_options__init(&sample->queue[i]);
        sample->services[i] = &sample->service[i];
        sample->service[i].name = (char *)(i == 0 ? "ArenaService" : "PrizeService");
    }
}

/* protobuf-c keeps the length of an unknown field in front of its bytes. */
static void option_put(ProtobufCMessage *options, ProtobufCMessageUnknownField *field,
                       const ProtobufCMessage *value, uint8_t bytes[BYTES_MAX])
{
    size_t length = protobuf_c_message_get_packed_size(value);

    assert_true(length < 128);
    bytes[0] = (uint8_t)length;
    protobuf_c_message_pack(value, bytes + 1);
    *field = (ProtobufCMessageUnknownField){.tag = OPTION,
                                            .wire_type = PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED,
                                            .len = length + 1,
                                            .data = bytes};
    options->unknown_fields = field;
    options->n_unknown_fields = 1;
}

static void sample_queue(struct sample *sample, size_t at, char **bindings, size_t n_bindings)
{
    sample->queue[at].bind = bindings;
    sample->queue[at].n_bind = n_bindings;
    option_put(&sample->service_options[at].base, &sample->queue_field[at], &sample->queue[at].base,
               sample->queue_bytes[at]);
    sample->service[at].options = &sample->service_options[at];
}

static void sample_custom(struct sample *sample, size_t at)
{
    static uint8_t yes[] = {1};

    sample->custom_field[at] = (ProtobufCMessageUnknownField){
        .tag = OPTION_CUSTOM, .wire_type = PROTOBUF_C_WIRE_TYPE_VARINT, .len = 1, .data = yes};
    sample->service_options[at].base.unknown_fields = &sample->custom_field[at];
    sample->service_options[at].base.n_unknown_fields = 1;
    sample->service[at].options = &sample->service_options[at];
}

/* The schema of the sample; NULL with its error. */
static struct ql_schema *sample_read(struct sample *sample)
{
    struct ql_schema *schema;
    size_t length;
    uint8_t *bytes;

    option_put(&sample->message_options.base, &sample->event_field, &sample->event.base,
               sample->event_bytes);
    length = protobuf_c_message_get_packed_size(&sample->set.base);
    bytes = malloc(length);
    assert_non_null(bytes);
    protobuf_c_message_pack(&sample->set.base, bytes);
    schema = ql_schema_new(bytes, length, sample->error, sizeof(sample->error));
    free(bytes);
    return schema;
}

static void expect_refused(struct sample *sample, const char *error)
{
    struct ql_schema *schema = sample_read(sample);

    assert_null(schema);
    assert_string_equal(sample->error, error);
}

static void test_event_is_called_like_its_message_and_lies_in_its_package(void **state)
{
    struct sample sample;
    struct ql_schema *schema;
    const struct ql_event_type *types;
    size_t n_types;

    (void)state;
    sample_init(&sample);
    sample.event.of_user = 1;
    sample.event.stream = (char *)"wins";
    schema = sample_read(&sample);
    assert_non_null(schema);
    types = ql_schema_event_types(schema, &n_types);
    assert_int_equal(n_types, 1);
    assert_string_equal(types[0].type, "ArenaWon");
    assert_string_equal(types[0].routing_key, "arena.won");
    assert_string_equal(types[0].publisher, "arena");
    assert_string_equal(types[0].body, "questline.arena.v1.ArenaWon");
    assert_string_equal(types[0].stream, "wins");
    assert_true(types[0].is_of_users);
    assert_ptr_equal(ql_schema_event_type(schema, "ArenaWon"), types);
    assert_null(ql_schema_event_type(schema, "ArenaLost"));
    assert_string_equal(ql_schema_custom_publisher(schema), "");
    ql_schema_free(schema);
}

static void test_one_body_may_have_several_types(void **state)
{
    char *names[] = {(char *)"ArenaWon", (char *)"ArenaLost"};
    struct sample sample;
    struct ql_schema *schema;
    size_t n_types;

    (void)state;
    sample_init(&sample);
    sample.event.types = names;
    sample.event.n_types = 2;
    schema = sample_read(&sample);
    assert_non_null(schema);
    (void)ql_schema_event_types(schema, &n_types);
    assert_int_equal(n_types, 2);
    assert_string_equal(ql_schema_event_type(schema, "ArenaLost")->body,
                        "questline.arena.v1.ArenaWon");
    assert_string_equal(ql_schema_event_type(schema, "ArenaLost")->stream, "");
    assert_false(ql_schema_event_type(schema, "ArenaLost")->is_of_users);
    ql_schema_free(schema);
}

static void test_queue_and_custom_publisher_belong_to_the_package(void **state)
{
    char *bindings[] = {(char *)"user.*", (char *)"custom.#"};
    struct sample sample;
    struct ql_schema *schema;
    const struct ql_event_queue *queues;
    size_t n_queues;

    (void)state;
    sample_init(&sample);
    sample_queue(&sample, 0, bindings, 2);
    sample_custom(&sample, 1);
    schema = sample_read(&sample);
    assert_non_null(schema);
    queues = ql_schema_event_queues(schema, &n_queues);
    assert_int_equal(n_queues, 1);
    assert_string_equal(queues[0].package, "questline.arena.v1");
    assert_string_equal(queues[0].service, "arena");
    assert_string_equal(queues[0].name, "");
    assert_string_equal(queues[0].bindings[0], "user.*");
    assert_string_equal(queues[0].bindings[1], "custom.#");
    assert_null(queues[0].bindings[2]);
    assert_string_equal(ql_schema_custom_publisher(schema), "arena");
    ql_schema_free(schema);
}

static void test_a_package_may_have_several_queues_by_name(void **state)
{
    char *first[] = {(char *)"user.*"}, *second[] = {(char *)"arena.won"};
    struct sample sample;
    struct ql_schema *schema;
    const struct ql_event_queue *queues;
    size_t n_queues;

    (void)state;
    sample_init(&sample);
    sample_queue(&sample, 0, first, 1);
    sample.queue[1].name = (char *)"prizes";
    sample_queue(&sample, 1, second, 1);
    schema = sample_read(&sample);
    assert_non_null(schema);
    queues = ql_schema_event_queues(schema, &n_queues);
    assert_int_equal(n_queues, 2);
    assert_string_equal(queues[0].name, "");
    assert_string_equal(queues[0].bindings[0], "user.*");
    assert_string_equal(queues[1].name, "prizes");
    assert_string_equal(queues[1].package, "questline.arena.v1");
    assert_string_equal(queues[1].service, "arena");
    assert_string_equal(queues[1].bindings[0], "arena.won");
    ql_schema_free(schema);
}

static void test_names_of_queues_are_letters_and_of_one_queue_each(void **state)
{
    static const char *const wrong[] = {"Prizes", "prizes.v1", "prizes2", "all_prizes", "#", " "};
    char *some[] = {(char *)"user.*"};
    struct sample sample;

    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(wrong); i++) {
        char error[ERROR_MAX];

        sample_init(&sample);
        sample.queue[0].name = (char *)wrong[i];
        sample_queue(&sample, 0, some, 1);
        snprintf(error, sizeof(error),
                 "ArenaService: a queue's name has letters a to z, not \"%s\"", wrong[i]);
        expect_refused(&sample, error);
    }
    sample_init(&sample);
    for (size_t i = 0; i < 2; i++) {
        sample.queue[i].name = (char *)"prizes";
        sample_queue(&sample, i, some, 1);
    }
    expect_refused(&sample, "questline.arena.v1 has two queues \"prizes\"");
}

static void test_events_that_nobody_could_publish_are_refused(void **state)
{
    char *twice[] = {(char *)"ArenaWon", (char *)"ArenaWon"};
    struct sample sample;

    (void)state;
    sample_init(&sample);
    sample.event.key = (char *)"";
    expect_refused(&sample, "ArenaWon: an event needs a key and a publisher");
    sample_init(&sample);
    sample.event.publisher = (char *)"";
    expect_refused(&sample, "ArenaWon: an event needs a key and a publisher");
    sample_init(&sample);
    sample.event.key = (char *)"dead.user";
    expect_refused(&sample, "ArenaWon: the key dead.user is of dead letters");
    sample_init(&sample);
    sample.event.types = twice;
    sample.event.n_types = 2;
    expect_refused(&sample, "the event type ArenaWon is declared twice");
    sample_init(&sample);
    sample.file.package = NULL;
    expect_refused(&sample, "ArenaWon: an event needs a package");
}

static void test_queues_that_take_too_much_or_are_not_ours_are_refused(void **state)
{
    char *all[] = {(char *)"#"}, *none[] = {(char *)""}, *some[] = {(char *)"user.*"};
    struct sample sample;

    (void)state;
    sample_init(&sample);
    sample_queue(&sample, 0, all, 1);
    expect_refused(&sample, "the queue of questline.arena.v1 is bound to \"#\"");
    sample_init(&sample);
    sample_queue(&sample, 0, none, 1);
    expect_refused(&sample, "the queue of questline.arena.v1 is bound to \"\"");
    sample_init(&sample);
    sample_queue(&sample, 0, some, 1);
    sample_queue(&sample, 1, some, 1);
    expect_refused(&sample, "questline.arena.v1 has two queues \"\"");
    sample_init(&sample);
    sample_queue(&sample, 0, some, 1);
    sample.file.package = (char *)"arena.v1";
    expect_refused(&sample, "ArenaService: only packages of questline have queues");
    sample_init(&sample);
    sample_custom(&sample, 0);
    sample_custom(&sample, 1);
    expect_refused(&sample, "PrizeService: another service publishes custom events");
}

static void test_malformed_options_are_refused(void **state)
{
    struct sample sample;
    char *some[] = {(char *)"user.*"};

    (void)state;
    sample_init(&sample);
    sample_queue(&sample, 0, some, 1);
    sample.queue_bytes[0][2] = 0x7f; /* a text longer than the message */
    expect_refused(&sample, "ArenaService: malformed options of a queue");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_event_is_called_like_its_message_and_lies_in_its_package),
        cmocka_unit_test(test_one_body_may_have_several_types),
        cmocka_unit_test(test_queue_and_custom_publisher_belong_to_the_package),
        cmocka_unit_test(test_a_package_may_have_several_queues_by_name),
        cmocka_unit_test(test_names_of_queues_are_letters_and_of_one_queue_each),
        cmocka_unit_test(test_events_that_nobody_could_publish_are_refused),
        cmocka_unit_test(test_queues_that_take_too_much_or_are_not_ours_are_refused),
        cmocka_unit_test(test_malformed_options_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
