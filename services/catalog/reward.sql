-- Statements of reward_store.c. Times go in as texts and come out as
-- milliseconds since 1970.

-- $1 reward_id, $2 reward_name, $3 reward_item, $4 reward_qty, $5 revision,
-- $6 revised_at
-- name: reward_insert
WITH newest AS (
    INSERT INTO rewards (reward_id, reward_name, reward_item, reward_qty, revision, revised_at)
    VALUES ($1, $2, $3, $4, $5, $6)
    RETURNING reward_id, reward_name, reward_item, reward_qty, revision, revised_at
)
INSERT INTO reward_revisions (reward_id, reward_name, reward_item, reward_qty, revision, revised_at)
SELECT reward_id, reward_name, reward_item, reward_qty, revision, revised_at FROM newest;

-- $1 reward_id
-- name: reward_get
SELECT reward_id, reward_name, reward_item, reward_qty, revision,
       (extract(epoch FROM revised_at) * 1000)::bigint
FROM rewards WHERE reward_id = $1;

-- $1 reward_id, $2 revision
-- name: reward_get_revision
SELECT reward_id, reward_name, reward_item, reward_qty, revision,
       (extract(epoch FROM revised_at) * 1000)::bigint
FROM reward_revisions WHERE reward_id = $1 AND revision = $2;

-- $1 the reward_id to begin behind, $2 rows at most
-- name: reward_list
SELECT reward_id, reward_name, reward_item, reward_qty, revision,
       (extract(epoch FROM revised_at) * 1000)::bigint
FROM rewards WHERE reward_id > $1::uuid ORDER BY reward_id LIMIT $2::int;
