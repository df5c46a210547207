/* Copies of definitions: a definition and its texts in one piece of memory, freed with the last
 * reference to it. */
#include "services/processing/rules/definition.h"

#include <stdlib.h>
#include <string.h>

/* A definition with its texts behind it. */
struct shared_definition {
    struct definition definition; /* first: callers point to it */
    size_t n_references;
    const char *types[];
};

static struct shared_definition *shared_of(const struct definition *definition)
{
    return (struct shared_definition *)definition;
}

const struct definition *definition_ref(const struct definition *definition)
{
    shared_of(definition)->n_references++;
    return definition;
}

void definition_unref(const struct definition *definition)
{
    if (definition != NULL && --shared_of(definition)->n_references == 0)
        free(shared_of(definition));
}

static bool has_type(const char *const *types, size_t n_types, const char *type)
{
    for (size_t i = 0; i < n_types; i++)
        if (strcmp(types[i], type) == 0)
            return true;
    return false;
}

static size_t size_of_texts(const struct definition *from)
{
    size_t size = 0;

    for (size_t i = 0; i < from->n_event_types; i++)
        size += strlen(from->event_types[i]) + 1;
    for (size_t i = 0; i < from->n_conditions; i++) {
        const struct predicate *condition = &from->conditions[i];

        size += strlen(condition->field) + 1;
        for (size_t j = 0; j < condition->n_values; j++)
            if (condition->values[j].kind == QL_JSON_TEXT)
                size += strlen(condition->values[j].text) + 1;
    }
    return size;
}

static size_t count_values(const struct definition *from)
{
    size_t n_values = 0;

    for (size_t i = 0; i < from->n_conditions; i++)
        n_values += from->conditions[i].n_values;
    return n_values;
}

static const char *copy_text(char **text, const char *from)
{
    size_t size = strlen(from) + 1;
    char *copy = memcpy(*text, from, size);

    *text += size;
    return copy;
}

static void copy_conditions(struct predicate *conditions, struct predicate_value *values,
                            char **text, const struct definition *from)
{
    for (size_t i = 0; i < from->n_conditions; i++) {
        const struct predicate *condition = &from->conditions[i];

        conditions[i] = *condition;
        conditions[i].field = copy_text(text, condition->field);
        conditions[i].values = values;
        for (size_t j = 0; j < condition->n_values; j++, values++) {
            *values = condition->values[j];
            if (values->kind == QL_JSON_TEXT)
                values->text = copy_text(text, condition->values[j].text);
        }
    }
}

/* Keeps each event type once. */
const struct definition *definition_new(const struct definition *from)
{
    size_t types_size = from->n_event_types * sizeof(char *);
    size_t conditions_size = from->n_conditions * sizeof(struct predicate);
    size_t values_size = count_values(from) * sizeof(struct predicate_value);
    struct shared_definition *shared =
        malloc(sizeof(*shared) + types_size + conditions_size + values_size + size_of_texts(from));
    char *at, *text;

    if (shared == NULL)
        return NULL;
    shared->definition = *from;
    shared->definition.event_types = shared->types;
    shared->definition.n_event_types = 0;
    shared->n_references = 1;
    at = (char *)shared->types + types_size;
    text = at + conditions_size + values_size;
    shared->definition.conditions = (struct predicate *)(void *)at;
    copy_conditions((struct predicate *)(void *)at,
                    (struct predicate_value *)(void *)(at + conditions_size), &text, from);
    for (size_t i = 0; i < from->n_event_types; i++)
        if (!has_type(shared->types, shared->definition.n_event_types, from->event_types[i]))
            shared->types[shared->definition.n_event_types++] =
                copy_text(&text, from->event_types[i]);
    return &shared->definition;
}
