/* The option is the value without its quotes: which types have some is decided here. */
#include "tools/ql-openapi/stated_example.h"

static bool is_quoted_message(const struct ql_message *message)
{
    return message->well_known == QL_WELL_KNOWN_TIMESTAMP ||
           message->well_known == QL_WELL_KNOWN_DURATION ||
           message->well_known == QL_WELL_KNOWN_FIELD_MASK;
}

/* Whether JSON has the value in quotes. */
static bool is_quoted(const struct ql_field *field)
{
    switch (field->type) {
    case QL_TYPE_STRING:
    case QL_TYPE_BYTES:
    case QL_TYPE_ENUM:
    case QL_TYPE_INT64: /* a front end's numbers are doubles */
    case QL_TYPE_UINT64:
    case QL_TYPE_FIXED64:
    case QL_TYPE_SFIXED64:
    case QL_TYPE_SINT64:
        return true;
    default:
        return field->message != NULL && is_quoted_message(field->message);
    }
}

bool openapi_stated_example(struct doc *doc, const char *key, const struct ql_field *field)
{
    if (field->example == NULL)
        return false;
    if (is_quoted(field))
        doc_text(doc, key, field->example);
    else
        doc_literal(doc, key, field->example);
    return true;
}
