-- Statements of reward_store.c. Times go in as texts and come out as
-- milliseconds since 1970.

-- $1 reward_id, $2 reward_name, $3 reward_item, $4 reward_qty, $5 revision,
-- $6 revised_at, $7 archived
-- name: reward_insert
INSERT INTO rewards (reward_id, reward_name, reward_item, reward_qty, revision, revised_at, archived)
VALUES ($1, $2, $3, $4, $5, $6, $7);

-- The same.
-- name: reward_update
UPDATE rewards
SET reward_name = $2, reward_item = $3, reward_qty = $4, revision = $5, revised_at = $6,
    archived = $7
WHERE reward_id = $1;

-- $1 reward_id
-- name: reward_keep_revision
INSERT INTO reward_revisions (reward_id, reward_name, reward_item, reward_qty, revision, revised_at,
                              archived)
SELECT reward_id, reward_name, reward_item, reward_qty, revision, revised_at, archived
FROM rewards WHERE reward_id = $1;

-- $1 reward_id
-- name: reward_get
SELECT reward_id, reward_name, reward_item, reward_qty, revision,
       (extract(epoch FROM revised_at) * 1000)::bigint, archived
FROM rewards WHERE reward_id = $1;

-- $1 reward_id
-- name: reward_lock
SELECT reward_id, reward_name, reward_item, reward_qty, revision,
       (extract(epoch FROM revised_at) * 1000)::bigint, archived
FROM rewards WHERE reward_id = $1 FOR NO KEY UPDATE;

-- Keeps the reward from being archived while a quest comes to give it.
-- $1 reward_id
-- name: reward_hold
SELECT reward_id, reward_name, reward_item, reward_qty, revision,
       (extract(epoch FROM revised_at) * 1000)::bigint, archived
FROM rewards WHERE reward_id = $1 FOR SHARE;

-- A quest that gives the reward still. $1 reward_id
-- name: reward_giver
SELECT quest_id FROM quests WHERE reward_id = $1 AND NOT archived ORDER BY quest_id LIMIT 1;

-- $1 reward_id, $2 revision
-- name: reward_get_revision
SELECT reward_id, reward_name, reward_item, reward_qty, revision,
       (extract(epoch FROM revised_at) * 1000)::bigint, archived
FROM reward_revisions WHERE reward_id = $1 AND revision = $2;

-- $1 the reward_id to begin behind, $2 rows at most
-- name: reward_list
SELECT reward_id, reward_name, reward_item, reward_qty, revision,
       (extract(epoch FROM revised_at) * 1000)::bigint, archived
FROM rewards WHERE reward_id > $1::uuid
ORDER BY reward_id LIMIT $2::int;

-- As quest_list_open. $1 the reward_id to begin behind, $2 rows at most, $3 the moment
-- since which archived ones are there too, in milliseconds since 1970
-- name: reward_list_open
WITH page AS (
    (SELECT reward_id FROM rewards WHERE reward_id > $1::uuid AND NOT archived
     ORDER BY reward_id LIMIT $2::int)
    UNION ALL
    (SELECT reward_id
     FROM (SELECT reward_id FROM rewards
           WHERE archived AND revised_at > to_timestamp($3::bigint / 1000.0)
           ORDER BY revised_at DESC LIMIT 1000) AS recent
     WHERE reward_id > $1::uuid)
    ORDER BY reward_id LIMIT $2::int
)
SELECT reward_id, reward_name, reward_item, reward_qty, revision,
       (extract(epoch FROM revised_at) * 1000)::bigint, archived
FROM page JOIN rewards USING (reward_id)
ORDER BY reward_id;
