-- Statements of quota.c.

-- Takes one use, unless the window's are taken; a window that is over begins anew. A full
-- one is looked at first: the conflict alone would lock its row, write, and have all
-- callers of a flood wait for each other.
-- $1 key, $2 how many a window has, $3 the window in milliseconds
-- name: quota_take
INSERT INTO quotas AS q (key, taken, ends_at)
SELECT $1, 1, clock_timestamp() + $3::bigint * interval '1 millisecond'
WHERE NOT EXISTS (
    SELECT FROM quotas WHERE key = $1 AND ends_at > clock_timestamp() AND taken >= $2::bigint)
ON CONFLICT (key) DO UPDATE
SET taken = CASE WHEN q.ends_at <= clock_timestamp() THEN 1 ELSE q.taken + 1 END,
    ends_at = CASE WHEN q.ends_at <= clock_timestamp() THEN EXCLUDED.ends_at ELSE q.ends_at END
WHERE q.ends_at <= clock_timestamp() OR q.taken < $2::bigint;

-- In how many milliseconds the window ends.
-- $1 key
-- name: quota_ends
SELECT GREATEST(ceil(extract(epoch FROM ends_at - clock_timestamp()) * 1000), 1)::bigint
FROM quotas WHERE key = $1;

-- Steps over what somebody holds: it is gone at the next look.
-- $1 how many at most
-- name: quota_purge
DELETE FROM quotas
WHERE key = ANY (ARRAY(
    SELECT key FROM quotas
    WHERE ends_at <= now()
    ORDER BY ends_at
    LIMIT $1::int
    FOR UPDATE SKIP LOCKED));
