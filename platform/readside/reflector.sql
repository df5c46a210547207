-- Statements of reflector.c.

-- Milliseconds since the oldest waiting change was written, by the server's clock;
-- NULL when none waits. Rows far behind are not older by much.
-- $1 a pattern of LIKE: the routing keys of the changes
-- name: outbox_oldest_change
SELECT (extract(epoch FROM clock_timestamp() - min(created_at)) * 1000)::bigint
FROM (
    SELECT created_at FROM outbox
    WHERE routing_key LIKE $1
    ORDER BY id
    LIMIT 100) AS waiting;
