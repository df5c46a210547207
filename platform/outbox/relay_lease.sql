-- Statements of relay_lease.c.

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
