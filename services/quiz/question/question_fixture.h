/* For tests: a question of each type, as the JSON of an administrator. */
#ifndef QL_QUIZ_QUESTION_QUESTION_FIXTURE_H
#define QL_QUIZ_QUESTION_QUESTION_FIXTURE_H

#include <stdio.h>
#include <stdlib.h>

#include "platform/pb/json/json.h"
#include "platform/pb/schema/message.h"
#include "questline/quiz/v1/names.h"

#define TEST_HEAD(type, text) "{\"type\":\"" type "\",\"category\":\"redis\",\"text\":\"" text "\""

#define TEST_SINGLE                                                                                \
    TEST_HEAD("SINGLE_CHOICE", "On which port does Redis listen?")                                 \
    ",\"options\":[{\"text\":\"6379\",\"creditPpm\":1000000},{\"text\":\"5432\"},"                 \
    "{\"text\":\"5672\"},{\"text\":\"8080\"}]}"
#define TEST_MULTIPLE                                                                              \
    TEST_HEAD("MULTIPLE_CHOICE", "Which are brokers?")                                             \
    ",\"points\":4,\"options\":[{\"text\":\"RabbitMQ\",\"creditPpm\":1000000},"                    \
    "{\"text\":\"NATS\",\"creditPpm\":1000000},{\"text\":\"PostgreSQL\"},"                         \
    "{\"text\":\"Sentinel\"},{\"text\":\"Adminer\"}]}"
#define TEST_TRUE_FALSE                                                                            \
    TEST_HEAD("TRUE_FALSE", "HTTP/2 is text.") ",\"wrongFeedback\":\"It is binary.\"}"
#define TEST_NUMERIC                                                                               \
    TEST_HEAD("NUMERIC", "About one?")                                                             \
    ",\"points\":2,\"numericAnswers\":[{\"minimum\":\"0.9\",\"maximum\":\"1.1\","                  \
    "\"creditPpm\":1000000},{\"minimum\":\"0.5\",\"maximum\":\"1.5\",\"creditPpm\":500000}]}"
#define TEST_SHORT_TEXT                                                                            \
    TEST_HEAD("SHORT_TEXT", "Negate: can")                                                         \
    ",\"textAnswers\":[{\"text\":\"can't\",\"creditPpm\":1000000},"                                \
    "{\"text\":\"Caf\\u00e9\",\"creditPpm\":1000000}]}"
#define TEST_ORDERING                                                                              \
    TEST_HEAD("ORDERING", "A row's way")                                                           \
    ",\"points\":3,\"orderItems\":[\"commit\",\"relay\",\"exchange\",\"queue\"]}"
#define TEST_MATCHING                                                                              \
    TEST_HEAD("MATCHING", "Kinds")                                                                 \
    ",\"points\":2,\"pairs\":[{\"prompt\":\"PostgreSQL\",\"match\":\"database\"},"                 \
    "{\"prompt\":\"MariaDB\",\"match\":\"database\"},{\"prompt\":\"RabbitMQ\","                    \
    "\"match\":\"broker\"}],\"extraMatches\":[\"cache\"]}"

/* The message of a JSON text, in the call's arena; ends the process when it has none. */
static inline void *test_message(struct ql_call *call, const ProtobufCMessageDescriptor *type,
                                 const char *json)
{
    ProtobufCMessage *message;
    uint8_t *bytes;
    size_t length;

    if (ql_message_from_json(call, type->name, json, &bytes, &length) != QL_OK ||
        ql_message_unpack(call, type, bytes, length, &message) != QL_OK) {
        fprintf(stderr, "%s\n%s\n", json, call->status.message);
        exit(1);
    }
    return message;
}

static inline Question *test_question(struct ql_call *call, const char *json)
{
    return test_message(call, &Question_descriptor, json);
}

#endif
