-- Statements of name_hold.c.

-- $1 key, $2 for how long, in milliseconds
-- name: name_hold_begin
INSERT INTO held_names (key, free_at)
VALUES ($1, clock_timestamp() + $2::bigint * interval '1 millisecond')
ON CONFLICT (key) DO UPDATE SET free_at = EXCLUDED.free_at;

-- $1 key
-- name: name_hold_is_held
SELECT EXISTS (SELECT FROM held_names WHERE key = $1 AND free_at > clock_timestamp());

-- Steps over what somebody holds: it is gone at the next look.
-- $1 how many at most
-- name: name_hold_purge
DELETE FROM held_names
WHERE key = ANY (ARRAY(
    SELECT key FROM held_names
    WHERE free_at <= now()
    ORDER BY free_at
    LIMIT $1::int
    FOR UPDATE SKIP LOCKED));
