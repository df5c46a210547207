-- Statements of the relay.

-- $1 holder, $2 milliseconds, $3 whether the session of the transaction ends with the
-- holder. Takes the lease, or makes it last longer; touches no row while another
-- holder's has not ended and the session that it named is there.
-- name: relay_lease_take
UPDATE relay_lease
SET holder = $1::uuid,
    expires_at = clock_timestamp() + $2::int * interval '1 millisecond',
    session_of = CASE WHEN $3::boolean THEN $1::uuid END,
    session_pid = pg_backend_pid(),
    session_start = (SELECT backend_start FROM pg_stat_get_activity(pg_backend_pid()))
WHERE holder = $1::uuid OR expires_at < clock_timestamp()
    OR session_of = holder AND NOT EXISTS (
        SELECT FROM pg_stat_get_activity(session_pid) AS session
        WHERE session.backend_start = session_start OR session.backend_start IS NULL);

-- $1 holder. Whether relay_lease_take would touch the row now; whether
-- relay_lease_wait is due.
-- name: relay_lease_can_be_taken
SELECT holder = $1::uuid OR expires_at < clock_timestamp()
    OR session_of = holder AND NOT EXISTS (
        SELECT FROM pg_stat_get_activity(session_pid) AS session
        WHERE session.backend_start = session_start OR session.backend_start IS NULL),
    waited_at < clock_timestamp() - interval '20 seconds'
FROM relay_lease;

-- A relay waits for the lease: see outbox_waits.
-- name: relay_lease_wait
UPDATE relay_lease SET waited_at = clock_timestamp();

-- $1 holder.
-- name: relay_lease_give_back
UPDATE relay_lease
SET holder = NULL, expires_at = '-infinity'
WHERE holder = $1::uuid;

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

-- $1 how many at most.
-- name: inbox_delete_old
DELETE FROM inbox
WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM inbox
    WHERE entered_at < now() - interval '30 days'
    ORDER BY entered_at
    LIMIT $1::int));
