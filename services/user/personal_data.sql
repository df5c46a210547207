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

-- The administrators beside this one. Locks them, in the order of their ids, so
-- that two who leave at once do not count on each other.
-- $1 user_id
-- name: personal_data_other_admins
SELECT user_id FROM users
WHERE role = 'admin' AND status IN ('NEW', 'ACTIVE') AND user_id <> $1
ORDER BY user_id FOR UPDATE;

-- The name becomes one that nobody can sign up with. Claims, entries and events
-- keep the id and nothing else.
-- $1 user_id
-- name: personal_data_erase
UPDATE users
SET user_name = 'deleted:' || user_id, hashed_password = '', time_zone = 'UTC', role = 'user',
    status = 'DELETED'
WHERE user_id = $1;

-- $1 user_id
-- name: personal_data_end_sessions
DELETE FROM sessions WHERE user_id = $1;
