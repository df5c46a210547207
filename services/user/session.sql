-- Statements of session_store.c. Times are of clock_timestamp(): a transaction
-- may have waited for a lock since its own began.

-- Keeps a user below the limit of sessions: deletes the expired ones, and of the others
-- all but the newest ones that may stay.
-- $1 user_id, $2 how many may stay
-- name: session_prune
DELETE FROM sessions
WHERE user_id = $1
  AND (expires_at <= now()
       OR session_id IN (SELECT session_id FROM sessions WHERE user_id = $1
                         ORDER BY created_at DESC, session_id DESC OFFSET $2::int));

-- $1 session_id, $2 user_id, $3 family_hash, $4 refresh_hash, $5 how long it may
-- idle and $6 live, in milliseconds, $7 client_key
-- name: session_insert
INSERT INTO sessions (session_id, user_id, family_hash, refresh_hash, created_at, expires_at,
                      client_key)
SELECT $1::uuid, $2::uuid, $3::bytea, $4::bytea, begun_at,
       begun_at + LEAST($5::bigint, $6::bigint) * interval '1 millisecond', $7::text
FROM (SELECT clock_timestamp() AS begun_at) clock;

-- $1 family_hash, $2 the grace in milliseconds
-- name: session_get
SELECT session_id, user_id, family_hash, refresh_hash, previous_hash, turn_salt,
       expires_at <= clock_timestamp() AS is_over,
       turned_at + $2::bigint * interval '1 millisecond' > clock_timestamp() AS is_in_grace
FROM sessions WHERE family_hash = $1;

-- $1 family_hash, $2 the grace in milliseconds
-- name: session_lock
SELECT session_id, user_id, family_hash, refresh_hash, previous_hash, turn_salt,
       expires_at <= clock_timestamp() AS is_over,
       turned_at + $2::bigint * interval '1 millisecond' > clock_timestamp() AS is_in_grace
FROM sessions WHERE family_hash = $1 FOR UPDATE;

-- $1 session_id, $2 the next token's hash, $3 turn_salt, $4 how long it may idle
-- and $5 live, in milliseconds
-- name: session_turn
UPDATE sessions
SET previous_hash = refresh_hash, refresh_hash = $2, turn_salt = $3,
    turned_at = clock_timestamp(),
    expires_at = LEAST(clock_timestamp() + $4::bigint * interval '1 millisecond',
                       created_at + $5::bigint * interval '1 millisecond')
WHERE session_id = $1;

-- turned_at without a previous_hash: an access token was issued, the refresh token is
-- still the first.
-- $1 session_id
-- name: session_renew
UPDATE sessions SET turned_at = clock_timestamp() WHERE session_id = $1;

-- The last column: whether an access token of the session may still live.
-- $1 family_hash, $2 how long those live, in milliseconds
-- name: session_end
DELETE FROM sessions WHERE family_hash = $1
RETURNING session_id, user_id,
          coalesce(turned_at, created_at) + $2::bigint * interval '1 millisecond' >
              clock_timestamp();

-- $1 user_id, $2 the session_id that stays; NULL: none
-- name: session_end_all
DELETE FROM sessions WHERE user_id = $1 AND session_id IS DISTINCT FROM $2::uuid;

-- Steps over what somebody holds: it is gone at the next look.
-- $1 how many at most
-- name: session_purge
DELETE FROM sessions
WHERE session_id = ANY (ARRAY(
    SELECT session_id FROM sessions
    WHERE expires_at <= now()
    ORDER BY expires_at
    LIMIT $1::int
    FOR UPDATE SKIP LOCKED));
