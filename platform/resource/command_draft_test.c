/* Tests of the steps of commands by a resource with a draft, which one command changes and
 * another publishes: only the second makes a revision. In a database. */
#include "platform/resource/command.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "platform/idempotency/idempotency.h"
#include "platform/outbox/outbox.h"
#include "platform/pg/test_database.h"
#include "platform/resource/etag.h"
#include "platform/service/service.h"
#include "questline/audit/v1/names.h"
#include "questline/catalog/v1/names.h"

#define NOTE "0192d3a4-0000-7000-8000-0000000000a1"

/* Messages of the contract stand for those of notes. */
typedef Quest Note;
typedef UpdateQuestRequest UpdateNoteRequest;
typedef UpdateQuestResponse UpdateNoteResponse;
typedef ArchiveQuestRequest PublishNoteRequest;
typedef ArchiveQuestResponse PublishNoteResponse;

static const struct ql_pg_statement note_lock = {
    "note_lock", "SELECT draft_revision, draft, revision FROM notes WHERE note_id = $1 FOR UPDATE"};
static const struct ql_pg_statement note_set_draft = {
    "note_set_draft",
    "UPDATE notes SET draft = $2, draft_revision = draft_revision + 1 WHERE note_id = $1"};
static const struct ql_pg_statement note_publish = {
    "note_publish", "UPDATE notes SET revision = revision + 1 WHERE note_id = $1"};

static enum ql_code check_fields(struct ql_call *call, const void *resource)
{
    const Note *note = resource;

    return note->name[0] == '\0' ? ql_violate(call, "note.name", "must not be empty") : QL_OK;
}

static const struct ql_resource_kind note_kind = {
    .name = "note",
    .type = &Quest_descriptor,
    .changed = &QuestChanged_descriptor,
    .event_type = EVENT_QUEST_CHANGED,
    .check_fields = check_fields,
};

static struct ql_service_parts parts;
static struct ql_arena *arena;
static struct ql_call call;

static int setup(void **state)
{
    (void)state;
    ql_pg_test_exec("TRUNCATE outbox, idempotency_answers, notes;"
                    "INSERT INTO notes VALUES ('" NOTE "', 'first', 1, 0)");
    arena = ql_arena_new(4 << 20);
    assert_non_null(arena);
    ql_call_init(&call, arena, "test.NoteService/Change", 20000);
    call.app = &parts;
    call.identity.role = QL_ROLE_ADMIN;
    snprintf(call.identity.subject, sizeof(call.identity.subject), "ada");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    ql_arena_free(arena);
    return 0;
}

/* The draft as a message whose etag is the draft's, when the caller means this one. */
static enum ql_code lock_note(struct ql_pg_tx *tx, const char *id, const char *etag,
                              Note *ret_draft, int64_t *ret_revision)
{
    struct ql_pg_rows rows;
    enum ql_code rc = ql_pg_run(&call, tx, &note_lock, &id, 1, &rows);

    if (rc != QL_OK)
        return rc;
    assert_int_equal(rows.n_rows, 1);
    Quest_init(ret_draft);
    ret_draft->quest_id = (char *)(uintptr_t)id;
    ret_draft->name = (char *)(uintptr_t)ql_pg_text(&rows, 0, 1);
    *ret_revision = ql_pg_int64(&rows, 0, 2);
    ret_draft->revision = ql_pg_int64(&rows, 0, 0);
    rc = ql_resource_set_etag(&call, &ret_draft->base);
    if (rc != QL_OK)
        return rc;
    return ql_resource_check_etag(&call, etag, ret_draft->etag);
}

/* Changes the draft: no revision, no event. */
static enum ql_code update_note(const char *name, const char *etag, UpdateNoteResponse *out)
{
    QL_CLEANUP(ql_resource_command_done) struct ql_resource_command command;
    struct ql_update changes;
    UpdateNoteRequest in;
    Note wanted, *stored = ql_arena_alloc(arena, sizeof(*stored)), *edited;
    int64_t revision;
    bool is_same;
    enum ql_code rc;

    UpdateQuestRequest_init(&in);
    UpdateQuestResponse_init(out);
    Quest_init(&wanted);
    wanted.quest_id = (char *)NOTE;
    wanted.name = (char *)(uintptr_t)name;
    wanted.etag = (char *)(uintptr_t)etag;
    in.quest = &wanted;
    rc = ql_update_read(&call, NULL, &wanted.base, &changes);
    if (rc != QL_OK)
        return rc;
    rc = ql_resource_command_begin(&call, &command, &in.base, &out->base);
    if (rc != QL_OK || command.is_repeated)
        return rc;
    rc = lock_note(command.tx, NOTE, etag, stored, &revision);
    if (rc != QL_OK)
        return rc;
    rc = ql_resource_edit(&call, &note_kind, &changes, &wanted.base, &stored->base,
                          (ProtobufCMessage **)&edited, &is_same);
    if (rc != QL_OK)
        return rc;
    out->quest = stored;
    if (is_same)
        return ql_resource_command_finish(&call, &command);
    rc = ql_pg_run(&call, command.tx, &note_set_draft, (const char *const[]){NOTE, edited->name}, 2,
                   NULL);
    if (rc != QL_OK)
        return rc;
    edited->revision++;
    rc = ql_resource_set_etag(&call, &edited->base);
    if (rc != QL_OK)
        return rc;
    rc = ql_resource_record(&call, command.tx, "note", NOTE, edited->etag);
    if (rc != QL_OK)
        return rc;
    out->quest = edited;
    return ql_resource_command_finish(&call, &command);
}

/* Makes the draft the next revision, and announces it. */
static enum ql_code publish_note(const char *etag, PublishNoteResponse *out)
{
    QL_CLEANUP(ql_resource_command_done) struct ql_resource_command command;
    const char *id = NOTE;
    Note *note = ql_arena_alloc(arena, sizeof(*note));
    PublishNoteRequest in;
    int64_t revision;
    enum ql_code rc;

    ArchiveQuestRequest_init(&in);
    ArchiveQuestResponse_init(out);
    in.quest_id = (char *)NOTE;
    in.etag = (char *)(uintptr_t)etag;
    rc = ql_resource_command_begin(&call, &command, &in.base, &out->base);
    if (rc != QL_OK || command.is_repeated)
        return rc;
    rc = lock_note(command.tx, NOTE, etag, note, &revision);
    if (rc != QL_OK)
        return rc;
    if (strcmp(note->name, "not ready") == 0)
        return ql_resource_refuse(&call, "NOT_READY", "note.name", "the note is not ready");
    note->revision = revision;
    rc = ql_resource_revise(&call, &note->base);
    if (rc != QL_OK)
        return rc;
    rc = ql_pg_run(&call, command.tx, &note_publish, &id, 1, NULL);
    if (rc != QL_OK)
        return rc;
    rc = ql_resource_publish(&call, command.tx, &note_kind, &note->base);
    if (rc != QL_OK)
        return rc;
    rc = ql_resource_record(&call, command.tx, "note", NOTE, note->etag);
    if (rc != QL_OK)
        return rc;
    out->quest = note;
    return ql_resource_command_finish(&call, &command);
}

static int64_t count_events(const char *type)
{
    char sql[128];

    snprintf(sql, sizeof(sql), "SELECT count(*) FROM outbox WHERE event_type = '%s'", type);
    return ql_pg_test_int64(sql);
}

static void test_edit_of_a_draft_is_recorded_and_not_announced(void **state)
{
    UpdateNoteResponse out;

    (void)state;
    assert_int_equal(update_note("second", "1", &out), QL_OK);
    assert_string_equal(call.etag, "2");
    assert_int_equal(ql_pg_test_int64("SELECT draft_revision FROM notes"), 2);
    assert_int_equal(count_events(EVENT_QUEST_CHANGED), 0);
    assert_int_equal(count_events(EVENT_ADMIN_ACTED), 1);
    assert_int_equal(update_note("second", "2", &out), QL_OK); /* nothing differs */
    assert_string_equal(call.etag, "2");
    assert_int_equal(ql_pg_test_int64("SELECT draft_revision FROM notes"), 2);
    assert_int_equal(count_events(EVENT_ADMIN_ACTED), 1);
}

static void test_publication_is_announced_as_the_next_revision(void **state)
{
    UpdateNoteResponse updated;
    PublishNoteResponse out;

    (void)state;
    assert_int_equal(update_note("second", "", &updated), QL_OK);
    assert_int_equal(publish_note("2", &out), QL_OK);
    assert_string_equal(call.etag, "1");
    assert_int_equal(out.quest->revision, 1);
    assert_int_equal(ql_pg_test_int64("SELECT revision FROM notes"), 1);
    assert_int_equal(count_events(EVENT_QUEST_CHANGED), 1);
    assert_int_equal(count_events(EVENT_ADMIN_ACTED), 2);
}

static void test_another_draft_than_the_one_meant_is_not_published(void **state)
{
    PublishNoteResponse out;

    (void)state;
    assert_int_equal(publish_note("7", &out), QL_ABORTED);
    assert_string_equal(call.status.reason, "ETAG_MISMATCH");
    ql_call_clear_status(&call);
    call.if_match = "\"2\"";
    assert_int_equal(publish_note("", &out), QL_ABORTED);
    assert_int_equal(ql_pg_test_int64("SELECT revision FROM notes"), 0);
    assert_int_equal(ql_pg_test_int64("SELECT count(*) FROM outbox"), 0);
}

static void test_refused_command_leaves_nothing(void **state)
{
    UpdateNoteResponse updated;
    PublishNoteResponse out;

    (void)state;
    call.idempotency_key = "once";
    assert_int_equal(update_note("", "", &updated), QL_OK); /* nothing is named: no change */
    call.idempotency_key = NULL;
    assert_int_equal(update_note("not ready", "", &updated), QL_OK);
    call.idempotency_key = "twice";
    assert_int_equal(publish_note("", &out), QL_FAILED_PRECONDITION);
    assert_string_equal(call.status.reason, "NOT_READY");
    ql_call_clear_status(&call);
    assert_int_equal(count_events(EVENT_QUEST_CHANGED), 0);
    call.idempotency_key = NULL;
    assert_int_equal(update_note("ready", "", &updated), QL_OK);
    call.idempotency_key = "twice"; /* what was refused has not used it up */
    assert_int_equal(publish_note("", &out), QL_OK);
    assert_int_equal(count_events(EVENT_QUEST_CHANGED), 1);
}

static void test_repeated_publication_is_answered_and_takes_effect_once(void **state)
{
    PublishNoteResponse first, again;

    (void)state;
    call.idempotency_key = "once";
    assert_int_equal(publish_note("1", &first), QL_OK);
    call.etag = NULL;
    assert_int_equal(publish_note("1", &again), QL_OK);
    assert_true(call.is_replayed);
    assert_string_equal(call.etag, "1");
    assert_string_equal(again.quest->name, "first");
    assert_int_equal(again.quest->revision, 1);
    assert_int_equal(ql_pg_test_int64("SELECT revision FROM notes"), 1);
    assert_int_equal(count_events(EVENT_QUEST_CHANGED), 1);
    assert_int_equal(publish_note("2", &again), QL_ALREADY_EXISTS);
    assert_string_equal(call.status.reason, "IDEMPOTENCY_KEY_REUSED");
}

#define CLAIM(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(test_edit_of_a_draft_is_recorded_and_not_announced),
        CLAIM(test_publication_is_announced_as_the_next_revision),
        CLAIM(test_another_draft_than_the_one_meant_is_not_published),
        CLAIM(test_refused_command_leaves_nothing),
        CLAIM(test_repeated_publication_is_answered_and_takes_effect_once),
    };
    const struct ql_pg_migration *const tables[] = {ql_outbox_migrations(),
                                                    ql_idempotency_migrations()};
    int rc;

    ql_pg_test_migrate(tables, QL_ARRAY_LENGTH(tables));
    ql_pg_test_exec("CREATE TABLE notes (note_id uuid PRIMARY KEY, draft text, "
                    "draft_revision bigint, revision bigint)");
    parts.pg = ql_pg_pool_new(
        &(const struct ql_pg_pool_options){.url = ql_pg_test_url(), .max_connections = 2});
    rc = cmocka_run_group_tests(tests, NULL, NULL);
    ql_pg_pool_free(parts.pg);
    return rc;
}
