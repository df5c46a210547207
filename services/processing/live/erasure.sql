-- Statements on what is kept of deleted users.

-- Notes that the events of users are to be erased. $1 user ids
-- name: erasure_begin
INSERT INTO event_erasures (user_id)
SELECT DISTINCT unnest($1::uuid[])
ON CONFLICT (user_id) DO NOTHING

-- $1 user ids
-- name: erasure_delete_progress
DELETE FROM user_quest_rewards WHERE user_id = ANY ($1::uuid[])

-- Erases the next events of a deleted user: who, how many, whether it was the last
-- of them. No row: there is nothing to erase. $1 rows at most  $2 bytes of payload
-- name: erasure_step
SELECT erased_user_id, n_erased, is_complete FROM event_erase_step($1::integer, $2::bigint)
