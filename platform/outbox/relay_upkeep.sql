-- Statements of relay_upkeep.c.

-- $1 how many at most.
-- name: inbox_delete_old
DELETE FROM inbox
WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM inbox
    WHERE entered_at < now() - interval '30 days'
    ORDER BY entered_at
    LIMIT $1::int));
