-- Statements of personal_data_store.c.

-- $1 user_id
-- name: personal_data_created
SELECT (extract(epoch FROM created_at) * 1000)::bigint FROM users WHERE user_id = $1;

-- $1 user_id, $2 rows at most
-- name: personal_data_sessions
SELECT session_id, (extract(epoch FROM created_at) * 1000)::bigint,
       (extract(epoch FROM expires_at) * 1000)::bigint
FROM sessions WHERE user_id = $1 AND expires_at > now()
ORDER BY created_at, session_id LIMIT $2::int;

-- The name becomes one that nobody can sign up with. Claims, entries and events
-- keep the id and nothing else.
-- $1 user_id
-- name: personal_data_erase
UPDATE users
SET user_name = 'deleted:' || user_id, hashed_password = '', time_zone = 'UTC',
    zone_before = NULL, zone_starts_at = NULL, role = 'user', status = 'DELETED'
WHERE user_id = $1;

-- $1 user_id
-- name: personal_data_end_sessions
DELETE FROM sessions WHERE user_id = $1;
