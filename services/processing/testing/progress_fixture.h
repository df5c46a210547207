/* For tests of progress: definitions, users, and the rows that events add. */
#ifndef QL_PROCESSING_PROGRESS_FIXTURE_H
#define QL_PROCESSING_PROGRESS_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "services/processing/rules/progress.h"
#include "questline/user/v1/names.h"

#define USER    "0192d3a4-0000-7000-8000-000000000001"
#define QUEST_A "0192d3a4-0000-7000-8000-00000000000a"
#define QUEST_B "0192d3a4-0000-7000-8000-00000000000b"
#define QUEST_C "0192d3a4-0000-7000-8000-00000000000c"

struct world {
    struct ql_arena *arena;
    struct definitions *definitions;
    struct progress_set *progress;
    char rows[16384]; /* "NewUserSignIn,UserSignIn,..." as the event table would show them */
    size_t n_completions;
};

static inline int open_world(void **state)
{
    static struct world world;

    memset(&world, 0, sizeof(world));
    world.arena = ql_arena_new(16 * 1024 * 1024);
    world.definitions = definitions_new();
    world.progress = progress_set_new(world.arena, NULL);
    assert_non_null(world.definitions);
    assert_non_null(world.progress);
    *state = &world;
    return 0;
}

static inline int close_world(void **state)
{
    struct world *world = *state;

    definitions_free(world->definitions);
    ql_arena_free(world->arena);
    return 0;
}

static inline void define(struct world *world, const char *quest_id, int64_t revision,
                          int32_t streak, int32_t duplication, const char *type,
                          const char *other_type)
{
    const char *const types[] = {type, other_type};
    struct definition definition = {.revision = revision,
                                    .streak = streak,
                                    .duplication = duplication,
                                    .event_types = types,
                                    .n_event_types = other_type == NULL ? 1 : 2};

    snprintf(definition.quest_id, sizeof(definition.quest_id), "%s", quest_id);
    assert_true(definitions_put(world->definitions, &definition));
}

static inline void add_row(struct world *world, const char *text)
{
    size_t length = strlen(world->rows), n_left = sizeof(world->rows) - length;

    assert_true((size_t)snprintf(world->rows + length, n_left, "%s%s", length > 0 ? "," : "",
                                 text) < n_left);
}

static inline struct completion *evaluate(struct world *world, const char *type,
                                          const char *user_id)
{
    const struct rule_event event = {
        .event_id = "cause", .event_type = type, .user_id = user_id, .occurred_ms = 1000};
    struct completion *completions;

    add_row(world, type);
    assert_true(progress_evaluate(world->progress, world->definitions, &event, &completions));
    for (const struct completion *c = completions; c != NULL; c = c->next) {
        world->n_completions++;
        add_row(world, EVENT_QUEST_COMPLETED);
    }
    return completions;
}

static inline const struct progress *progress_of(const struct world *world, const char *quest_id)
{
    const struct progress *at = progress_set_first(world->progress);

    while (at != NULL && strcmp(at->quest_id, quest_id) != 0)
        at = at->next;
    return at;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_world, close_world)

#endif
