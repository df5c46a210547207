/* The rules of labels. */
#include "services/catalog/label.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

    ret_quest->labels = ql_arena_calloc(call->arena, request->n_label + 1, sizeof(Label *));
    if (ret_quest->labels == NULL)
        return ql_fail_memory(call);
    for (size_t i = 0; i < request->n_label; i++) {
        const char *text = request->label[i];
        size_t key_length = strcspn(text, ":");

        snprintf(field, sizeof(field), "label[%zu]", i);
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
