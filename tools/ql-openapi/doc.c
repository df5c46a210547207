/* Brackets, commas and indentation. */
#include "tools/ql-openapi/doc.h"

#include <string.h>

enum { INDENT = 2 };

static void new_line(struct doc *doc)
{
    ql_buffer_append_byte(doc->out, '\n');
    for (int i = 0; i < doc->depth * INDENT; i++)
        ql_buffer_append_byte(doc->out, ' ');
}

static void begin(struct doc *doc, const char *key)
{
    if (doc->has_members)
        ql_buffer_append_byte(doc->out, ',');
    if (doc->depth > 0)
        new_line(doc);
    doc->has_members = true;
    if (key == NULL)
        return;
    ql_buffer_append_json_string(doc->out, key, strlen(key));
    ql_buffer_append_text(doc->out, ": ");
}

void doc_open(struct doc *doc, const char *key, char bracket)
{
    begin(doc, key);
    ql_buffer_append_byte(doc->out, bracket);
    doc->depth++;
    doc->has_members = false;
}

void doc_close(struct doc *doc, char bracket)
{
    doc->depth--;
    if (doc->has_members)
        new_line(doc);
    ql_buffer_append_byte(doc->out, bracket);
    doc->has_members = true;
}

void doc_text(struct doc *doc, const char *key, const char *text)
{
    begin(doc, key);
    ql_buffer_append_json_string(doc->out, text, strlen(text));
}

void doc_literal(struct doc *doc, const char *key, const char *json)
{
    begin(doc, key);
    ql_buffer_append_text(doc->out, json);
}

/* One line break is a blank, two are a new paragraph. */
void doc_comment(struct doc *doc, const char *key, const char *comment)
{
    struct ql_buffer text;

    if (comment[0] == '\0')
        return;
    ql_buffer_init(&text, doc->out->limit);
    for (const char *at = comment; *at != '\0'; at++) {
        bool is_lone = *at == '\n' && at[1] != '\n' && (at == comment || at[-1] != '\n');

        ql_buffer_append_byte(&text, is_lone ? ' ' : *at);
    }
    if (text.failed)
        doc->out->failed = true;
    else
        doc_text(doc, key, text.data);
    ql_buffer_done(&text);
}
