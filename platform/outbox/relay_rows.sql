-- Statements of relay_rows.c.

-- $1 ids. By exact ids: a lower one may be committed after a higher one.
-- $2 holder.
-- name: outbox_delete
DELETE FROM outbox
WHERE id = ANY ($1::bigint[])
    AND EXISTS (
        SELECT FROM relay_lease
        WHERE holder = $2::uuid AND expires_at > clock_timestamp());

-- $1 the id after which to look, $2 how many at most, $3 bytes of envelopes at
-- most (but always one row).
-- name: outbox_select_batch
SELECT b.id, b.event_id, b.event_type, b.routing_key, b.bytes
FROM (
    SELECT id, event_id, event_type, routing_key, bytes,
        sum(length(bytes)) OVER (ORDER BY id) - length(bytes) AS bytes_before
    FROM (
        SELECT id, event_id, event_type, routing_key, bytes
        FROM outbox
        WHERE id > $1::bigint
        ORDER BY id
        LIMIT $2::int) AS candidates) AS b
WHERE b.bytes_before < $3::bigint
ORDER BY b.id;

-- $1 the id after which to look. Whether rows wait; whether another relay waited for
-- the lease in the last minute.
-- name: outbox_waits
SELECT EXISTS (SELECT FROM outbox WHERE id > $1::bigint),
    waited_at > clock_timestamp() - interval '1 minute'
FROM relay_lease;

-- $1 how far to count.
-- name: outbox_count
SELECT count(*) FROM (SELECT FROM outbox LIMIT $1::int) AS counted;
