-- Statements of reward_kind.c. Rows go in and come out as JSON objects whose names are
-- those of the columns, which are those of the contract's fields.

-- As quest_put. $1 the row
-- name: reward_put
WITH stored AS (
    INSERT INTO rewards
    SELECT *
    FROM json_populate_record(
        json_populate_record(NULL::rewards, '{"archived": false}'), $1::json)
    ON CONFLICT (reward_id) DO UPDATE
    SET reward_name = excluded.reward_name, reward_item = excluded.reward_item,
        reward_qty = excluded.reward_qty, revision = excluded.revision,
        revised_at = excluded.revised_at, archived = excluded.archived
    WHERE rewards.revision = excluded.revision - 1
    RETURNING *
)
INSERT INTO reward_revisions
SELECT kept.*
FROM stored, json_populate_record(NULL::reward_revisions, to_json(stored)) AS kept

-- $1 reward_id
-- name: reward_get
SELECT to_json(rewards) FROM rewards WHERE reward_id = $1

-- $1 reward_id
-- name: reward_lock
SELECT to_json(rewards) FROM rewards WHERE reward_id = $1 FOR NO KEY UPDATE

-- Keeps the reward from being archived while a quest comes to give it.
-- $1 reward_id
-- name: reward_hold
SELECT to_json(rewards) FROM rewards WHERE reward_id = $1 FOR SHARE

-- A quest that gives the reward still. $1 reward_id
-- name: reward_giver
SELECT quest_id FROM quests WHERE reward_id = $1 AND NOT archived ORDER BY quest_id LIMIT 1

-- $1 reward_id, $2 revision
-- name: reward_get_revision
SELECT to_json(reward_revisions) FROM reward_revisions WHERE reward_id = $1 AND revision = $2

-- $1 the reward_id to begin behind, $2 rows at most
-- name: reward_list
SELECT to_json(rewards) FROM rewards WHERE reward_id > $1::uuid
ORDER BY reward_id LIMIT $2::int

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
SELECT to_json(rewards) FROM page JOIN rewards USING (reward_id)
ORDER BY reward_id
