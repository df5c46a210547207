/* Users and event types of the facts, and by them quests, each once. */
#include "services/processing/concern.h"

#include <stdlib.h>
#include <string.h>

#include "services/processing/fact_store.h"
#include "services/processing/progress_store.h"

struct texts {
    const char **all;
    size_t n;
};

static int compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void keep_each_once(struct texts *texts)
{
    size_t n_kept = 0;

    if (texts->n > 1)
        qsort((void *)texts->all, texts->n, sizeof(*texts->all), compare);
    for (size_t i = 0; i < texts->n; i++)
        if (i == 0 || strcmp(texts->all[i], texts->all[n_kept - 1]) != 0)
            texts->all[n_kept++] = texts->all[i];
    texts->n = n_kept;
}

static enum ql_code find_users(struct ql_call *call, const struct concern *concern,
                               struct texts *ret_users, struct texts *ret_types)
{
    struct texts users = {ql_arena_calloc(call->arena, concern->n_facts, sizeof(char *)), 0};
    struct texts types = {ql_arena_calloc(call->arena, concern->n_facts + 1, sizeof(char *)), 0};

    if (users.all == NULL || types.all == NULL)
        return ql_fail_memory(call);
    types.all[types.n++] = QUEST_COMPLETED;
    for (size_t i = 0; i < concern->n_facts; i++) {
        if (concern->facts[i].user_id[0] == '\0')
            continue;
        users.all[users.n++] = concern->facts[i].user_id;
        types.all[types.n++] = concern->facts[i].event_type;
    }
    keep_each_once(&users);
    keep_each_once(&types);
    *ret_users = users;
    *ret_types = types;
    return QL_OK;
}

static void add_quest(struct texts *quests, const struct definition *definition)
{
    quests->all[quests->n++] = definition->quest_id;
    if (definition->prerequisite_id[0] != '\0')
        quests->all[quests->n++] = definition->prerequisite_id;
}

/* Those that count one of the types now, those that change on the way, and the
 * ones they need. */
static enum ql_code find_quests(struct ql_call *call, const struct concern *concern,
                                const struct texts *types, struct texts *ret_quests)
{
    size_t n_matches, size = 2 * concern->n_changed;
    struct texts quests = {0};

    for (size_t i = 0; i < types->n; i++) {
        (void)definitions_matching(concern->definitions, types->all[i], &n_matches);
        size += 2 * n_matches;
    }
    quests.all = ql_arena_calloc(call->arena, size, sizeof(char *));
    if (quests.all == NULL)
        return ql_fail_memory(call);
    for (size_t i = 0; i < types->n; i++) {
        const struct definition_match *matches =
            definitions_matching(concern->definitions, types->all[i], &n_matches);

        for (size_t j = 0; j < n_matches; j++)
            add_quest(&quests, matches[j].definition);
    }
    for (size_t i = 0; i < concern->n_changed; i++)
        add_quest(&quests, concern->changed[i]);
    keep_each_once(&quests);
    *ret_quests = quests;
    return QL_OK;
}

enum ql_code concern_read(struct ql_call *call, struct ql_pg_tx *tx, const struct concern *concern,
                          struct progress_set **ret_set)
{
    struct progress_set *set = progress_set_new(call->arena, concern->zones);
    struct texts users = {0}, types = {0}, quests = {0};
    enum ql_code rc;

    if (set == NULL)
        return ql_fail_memory(call);
    *ret_set = set;
    rc = find_users(call, concern, &users, &types);
    if (rc == QL_OK)
        rc = find_quests(call, concern, &types, &quests);
    if (rc != QL_OK || users.n == 0 || quests.n == 0)
        return rc;
    rc = fact_store_list_users(call, tx, users.all, users.n, concern->before_seq,
                               progress_set_users(set));
    if (rc != QL_OK)
        return rc;
    return progress_store_read(call, tx, users.all, users.n, quests.all, quests.n, set);
}
