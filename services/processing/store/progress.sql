-- Statements on user_quest_rewards.

-- Reads the progress of users on quests, pair by pair: one look into the index for
-- each, whatever the planner knows of the table. Unlocked: whoever writes progress
-- holds the event table's lock, under which this is read.
-- $1 user ids  $2 quest ids, as many
-- name: progress_read
SELECT stored.user_id, stored.quest_id, stored.streak, stored.duplication,
    stored.status = 'EXHAUSTED', (extract(epoch FROM stored.created_at) * 1000)::bigint,
    (extract(epoch FROM stored.updated_at) * 1000)::bigint, stored.last_day - date 'epoch'
FROM unnest($1::uuid[], $2::uuid[]) AS pairs (user_id, quest_id)
CROSS JOIN LATERAL (
    SELECT *
    FROM user_quest_rewards
    WHERE user_quest_rewards.user_id = pairs.user_id AND user_quest_rewards.quest_id = pairs.quest_id
    LIMIT 1
) AS stored

-- The same on all quests. $1 user ids
-- name: progress_read_users
SELECT user_id, quest_id, streak, duplication, status = 'EXHAUSTED',
    (extract(epoch FROM created_at) * 1000)::bigint,
    (extract(epoch FROM updated_at) * 1000)::bigint, last_day - date 'epoch'
FROM user_quest_rewards
WHERE user_id = ANY ($1::uuid[])

-- Writes progress, new or known.
-- $1 ids  $2 user ids  $3 quest ids  $4 statuses  $5 streaks  $6 duplications
-- $7 created, ms  $8 updated, ms  $9 last days, -2147483648 for none
-- name: progress_save
INSERT INTO user_quest_rewards
    (id, user_id, quest_id, status, streak, duplication, created_at, updated_at, last_day)
SELECT p.id, p.user_id, p.quest_id, p.status, p.streak, p.duplication,
    'epoch'::timestamptz + p.created_ms * interval '1 millisecond',
    'epoch'::timestamptz + p.updated_ms * interval '1 millisecond',
    CASE WHEN p.last_day <> -2147483648 THEN date 'epoch' + p.last_day END
FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::int[], $6::int[], $7::bigint[],
    $8::bigint[], $9::int[])
    AS p (id, user_id, quest_id, status, streak, duplication, created_ms, updated_ms, last_day)
ORDER BY p.user_id, p.quest_id
ON CONFLICT (user_id, quest_id) DO UPDATE
SET status = excluded.status, streak = excluded.streak, duplication = excluded.duplication,
    updated_at = excluded.updated_at, last_day = excluded.last_day

-- A page of one user's progress, each row with the newest revision of its quest: one
-- look into the index of revisions for each.
-- $1 user  $2 quest of the row before  $3 rows at most
-- name: progress_list
SELECT progress.quest_id, progress.status, progress.streak, progress.duplication,
    quest.revision, quest."rewardId", quest.name, quest.streak, quest.duplication,
    (extract(epoch FROM quest."startsAt") * 1000)::bigint,
    (extract(epoch FROM quest."endsAt") * 1000)::bigint, quest.archived
FROM (
    SELECT quest_id, status, streak, duplication
    FROM user_quest_rewards
    WHERE user_id = $1 AND quest_id > $2
    ORDER BY quest_id
    LIMIT $3
) AS progress
LEFT JOIN LATERAL (
    SELECT payload -> 'quest' AS document
    FROM events
    WHERE event_type = 'QuestChanged'
        AND lower(payload #>> '{quest,questId}') = progress.quest_id::text
        AND (payload #>> '{quest,revision}')::bigint > 0
    ORDER BY lower(payload #>> '{quest,questId}') DESC,
        (payload #>> '{quest,revision}')::bigint DESC
    LIMIT 1
) AS newest ON true
LEFT JOIN LATERAL json_to_record(newest.document) AS quest (
    revision bigint, "rewardId" text, name text, streak integer, duplication integer,
    "startsAt" timestamptz, "endsAt" timestamptz, archived boolean
) ON true
ORDER BY progress.quest_id
