-- Statements of throttle_store.c.

-- $1 keys. Windows that are over count nothing.
-- name: throttle_counts
SELECT key, failures,
       ceil(extract(epoch FROM ends_at - clock_timestamp()) * 1000)::bigint AS ends_in_ms
FROM sign_in_failures
WHERE key = ANY ($1::text[]) AND ends_at > clock_timestamp();

-- $1 keys, $2 the window in milliseconds. In the order of the keys, so that two
-- failures never wait for each other.
-- name: throttle_add
INSERT INTO sign_in_failures AS f (key, failures, ends_at)
SELECT key, 1, clock_timestamp() + $2::bigint * interval '1 millisecond'
FROM unnest($1::text[]) AS key ORDER BY key
ON CONFLICT (key) DO UPDATE
SET failures = CASE WHEN f.ends_at <= clock_timestamp() THEN 1 ELSE f.failures + 1 END,
    ends_at = CASE WHEN f.ends_at <= clock_timestamp() THEN EXCLUDED.ends_at ELSE f.ends_at END;

-- $1 key
-- name: throttle_forget
DELETE FROM sign_in_failures WHERE key = $1;

-- Whether a session of the account lives that began at the address.
-- $1 user_name, $2 the key of account and address
-- name: throttle_is_at_home
SELECT EXISTS (
    SELECT FROM users u JOIN sessions s USING (user_id)
    WHERE lower(u.user_name COLLATE "C") = lower($1::text COLLATE "C")
      AND s.client_key = $2 AND s.expires_at > clock_timestamp());

-- Steps over what somebody holds: it is gone at the next look.
-- $1 how many at most
-- name: throttle_purge
DELETE FROM sign_in_failures
WHERE key = ANY (ARRAY(
    SELECT key FROM sign_in_failures
    WHERE ends_at <= now()
    ORDER BY ends_at
    LIMIT $1::int
    FOR UPDATE SKIP LOCKED));
