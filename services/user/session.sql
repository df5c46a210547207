-- Statements of session_store.c.

-- Makes room for one more session: deletes the expired ones, and of the others
-- all but the newest ones that may stay.
-- $1 user_id, $2 how many may stay
-- name: session_prune
DELETE FROM sessions
WHERE user_id = $1
  AND (expires_at <= now()
       OR session_id IN (SELECT session_id FROM sessions WHERE user_id = $1
                         ORDER BY created_at DESC, session_id DESC OFFSET $2::int));

-- $1 session_id, $2 user_id, $3 refresh_hash, $4 life in seconds
-- name: session_insert
INSERT INTO sessions (session_id, user_id, refresh_hash, created_at, expires_at)
SELECT $1::uuid, $2::uuid, $3::bytea, begun_at, begun_at + $4::int * interval '1 second'
FROM (SELECT clock_timestamp() AS begun_at) clock;
