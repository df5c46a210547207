-- Statements on the schema in which progress is made again.

-- One rebuild at a time; false when another one runs. The number is nobody else's.
-- name: rebuild_try_lock
SELECT pg_try_advisory_xact_lock(7165080015002)

-- From here to the end of the transaction, progress means the rebuilt one. Its
-- tables grow from nothing within it, so the planner must not go by their size.
-- name: rebuild_enter
SELECT set_config('search_path', 'rebuild, public', true), set_config('enable_seqscan', 'off', true)

-- name: rebuild_leave
SELECT set_config('search_path', 'public', true), set_config('enable_seqscan', 'on', true)

-- name: rebuild_clear
TRUNCATE rebuild.user_quest_rewards, rebuild.completions

-- Notes completions and returns the last one's place.
-- $1 ids  $2 users  $3 quests  $4 revisions  $5 ordinals  $6 causes  $7 times in ms
-- name: rebuild_add_completions
WITH added AS (
    INSERT INTO rebuild.completions
        (id, user_id, quest_id, quest_revision, ordinal, cause_event_id, "timestamp")
    SELECT c.id, c.user_id, c.quest_id, c.revision, c.ordinal, c.cause,
        'epoch'::timestamptz + c.ms * interval '1 millisecond'
    FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::bigint[], $5::int[], $6::uuid[], $7::bigint[])
        WITH ORDINALITY AS c (id, user_id, quest_id, revision, ordinal, cause, ms, place)
    ORDER BY c.place
    RETURNING place
)
SELECT max(place) FROM added

-- A page of them, as events. $1 after  $2 before  $3 rows at most
-- name: rebuild_list_completions
SELECT place, id, user_id, 'QuestCompleted', (extract(epoch FROM "timestamp") * 1000)::bigint,
    json_build_object('questId', quest_id, 'questRevision', quest_revision::text,
        'ordinal', ordinal, 'causeEventId', cause_event_id)
FROM rebuild.completions
WHERE place > $1 AND place < $2
ORDER BY place
LIMIT $3

-- Deleted users have no progress, and their completions are not compared: what they
-- followed from is erased.
-- name: rebuild_forget_deleted
WITH deleted AS MATERIALIZED (
    SELECT DISTINCT user_id FROM public.events WHERE event_type = 'UserDeleted'
),
progress AS (
    DELETE FROM rebuild.user_quest_rewards AS made USING deleted WHERE made.user_id = deleted.user_id
)
DELETE FROM rebuild.completions AS made USING deleted WHERE made.user_id = deleted.user_id

-- How many rows of progress there are now.
-- name: rebuild_count
SELECT count(*) FROM rebuild.user_quest_rewards

-- Rows that are not the same here and there, and how many they are in all.
-- $1 rows at most
-- name: rebuild_compare
SELECT coalesce(live.user_id, made.user_id), coalesce(live.quest_id, made.quest_id),
    live.id IS NOT NULL, live.status = 'EXHAUSTED', live.streak, live.duplication,
    (extract(epoch FROM live.created_at) * 1000)::bigint,
    (extract(epoch FROM live.updated_at) * 1000)::bigint, live.last_day - date 'epoch',
    made.id IS NOT NULL, made.status = 'EXHAUSTED', made.streak, made.duplication,
    (extract(epoch FROM made.created_at) * 1000)::bigint,
    (extract(epoch FROM made.updated_at) * 1000)::bigint, made.last_day - date 'epoch',
    count(*) OVER ()
FROM public.user_quest_rewards live
FULL JOIN rebuild.user_quest_rewards made ON made.id = live.id
WHERE ROW(live.*) IS DISTINCT FROM ROW(made.*)
ORDER BY 1, 2
LIMIT $1

-- Completions that follow and are not stored, or are stored and do not follow, but for
-- those of deleted users.
-- $1 rows at most
-- name: rebuild_compare_completions
SELECT coalesce(made.id, stored.id), made.id IS NULL,
    count(*) FILTER (WHERE stored.id IS NULL) OVER (),
    count(*) FILTER (WHERE made.id IS NULL) OVER ()
FROM rebuild.completions made
FULL JOIN (
    SELECT id
    FROM public.events AS completed
    WHERE event_type = 'QuestCompleted'
        AND NOT EXISTS (
            SELECT
            FROM public.events AS deleted
            WHERE deleted.event_type = 'UserDeleted' AND deleted.user_id = completed.user_id)
) stored
    ON stored.id = made.id
WHERE made.id IS NULL OR stored.id IS NULL
ORDER BY 1
LIMIT $1

-- The live table becomes what was made: what differs is replaced.
-- name: rebuild_swap_delete
DELETE FROM public.user_quest_rewards live
WHERE NOT EXISTS (SELECT FROM rebuild.user_quest_rewards made WHERE made.id = live.id)

-- name: rebuild_swap_write
INSERT INTO public.user_quest_rewards AS live
    (id, user_id, quest_id, status, streak, duplication, created_at, updated_at, last_day)
SELECT id, user_id, quest_id, status, streak, duplication, created_at, updated_at, last_day
FROM rebuild.user_quest_rewards
ON CONFLICT (id) DO UPDATE
SET user_id = excluded.user_id, quest_id = excluded.quest_id, status = excluded.status,
    streak = excluded.streak, duplication = excluded.duplication,
    created_at = excluded.created_at, updated_at = excluded.updated_at,
    last_day = excluded.last_day
WHERE (live.user_id, live.quest_id, live.status, live.streak, live.duplication, live.created_at,
        live.updated_at, live.last_day)
    IS DISTINCT FROM (excluded.user_id, excluded.quest_id, excluded.status, excluded.streak,
        excluded.duplication, excluded.created_at, excluded.updated_at, excluded.last_day)
