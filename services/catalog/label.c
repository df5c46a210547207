/* The rules of labels. */
#include "services/catalog/label.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "services/catalog/text.h"

typedef Questline__Catalog__V1__Quest__LabelsEntry Label;

enum { FIELD_SIZE = 100 };

static int compare_labels(const void *left, const void *right)
{
    return strcmp((*(const Label *const *)left)->key, (*(const Label *const *)right)->key);
}

void labels_normalize(Quest *quest)
{
    if (quest->n_labels > 1)
        qsort(quest->labels, quest->n_labels, sizeof(Label *), compare_labels);
}

static bool is_alphanumeric(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool key_is_valid(const char *key, size_t length)
{
    if (length < 1 || length > LABEL_KEY_MAX || !is_alphanumeric(key[0]) ||
        !is_alphanumeric(key[length - 1]))
        return false;
    for (size_t i = 0; i < length; i++)
        if (!is_alphanumeric(key[i]) && strchr("._-", key[i]) == NULL)
            return false;
    return true;
}

enum ql_code labels_validate(struct ql_call *call, const Quest *quest)
{
    enum ql_code rc = QL_OK;
    char field[FIELD_SIZE];

    if (quest->n_labels > LABELS_MAX)
        return ql_violate(call, "quest.labels", "must be at most %d", LABELS_MAX);
    for (size_t i = 0; i < quest->n_labels; i++) {
        const Label *label = quest->labels[i];

        snprintf(field, sizeof(field), "quest.labels[\"%.64s\"]", label->key);
        if (!key_is_valid(label->key, strlen(label->key)))
            rc = ql_violate(call, field,
                            "must have a key of 1 to %d lower-case letters, digits, '.', '_' and "
                            "'-', a letter or digit at both ends",
                            LABEL_KEY_MAX);
        if (text_characters(label->value) > LABEL_VALUE_MAX)
            rc = ql_violate(call, field, "must have at most %d characters", LABEL_VALUE_MAX);
    }
    return rc;
}

/* A label of "key:value" in the call's arena; NULL when that is full. */
static Label *read_label(struct ql_call *call, const char *text, size_t key_length)
{
    Label *label = ql_arena_alloc(call->arena, sizeof(*label));
    char *key = ql_arena_strndup(call->arena, text, key_length);

    if (label == NULL || key == NULL)
        return NULL;
    questline__catalog__v1__quest__labels_entry__init(label);
    label->key = key;
    label->value = (char *)text + key_length + 1;
    return label;
}

static bool has_key(const Quest *quest, const char *key, size_t length)
{
    for (size_t i = 0; i < quest->n_labels; i++)
        if (strlen(quest->labels[i]->key) == length &&
            strncmp(quest->labels[i]->key, key, length) == 0)
            return true;
    return false;
}

enum ql_code labels_read_filter(struct ql_call *call, const ListQuestsRequest *request,
                                Quest *ret_quest)
{
    char field[FIELD_SIZE];

    if (request->n_label > LABELS_MAX)
        return ql_violate(call, "label", "must be at most %d", LABELS_MAX);
    ret_quest->labels = ql_arena_calloc(call->arena, request->n_label + 1, sizeof(Label *));
    if (ret_quest->labels == NULL)
        return ql_fail_memory(call);
    for (size_t i = 0; i < request->n_label; i++) {
        const char *text = request->label[i];
        size_t key_length = strcspn(text, ":");

        snprintf(field, sizeof(field), "label[%zu]", i);
        if (text[key_length] == '\0' || !key_is_valid(text, key_length))
            return ql_violate(call, field, "must be a label's key, a colon and its value");
        if (has_key(ret_quest, text, key_length))
            return ql_violate(call, field, "names a key again: a quest has one value of it");
        ret_quest->labels[i] = read_label(call, text, key_length);
        if (ret_quest->labels[i] == NULL)
            return ql_fail_memory(call);
        ret_quest->n_labels++;
    }
    labels_normalize(ret_quest);
    return QL_OK;
}

bool labels_match(const Quest *filter, const Quest *quest)
{
    size_t k = 0;

    for (size_t i = 0; i < filter->n_labels; i++) {
        const Label *wanted = filter->labels[i];

        while (k < quest->n_labels && strcmp(quest->labels[k]->key, wanted->key) < 0)
            k++;
        if (k == quest->n_labels || strcmp(quest->labels[k]->key, wanted->key) != 0 ||
            strcmp(quest->labels[k]->value, wanted->value) != 0)
            return false;
    }
    return true;
}
