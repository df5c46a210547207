-- Statements of lease.c.

-- $1 name, $2 holder, $3 milliseconds, $4 whether the session of the transaction ends with
-- the holder. Takes the lease, or makes it last longer; touches no row while another
-- holder's has not ended and the session that it named is there.
-- name: lease_take
INSERT INTO leases AS lease (name, holder, expires_at, session_of, session_pid, session_start)
VALUES ($1::text, $2::uuid, clock_timestamp() + $3::int * interval '1 millisecond',
    CASE WHEN $4::boolean THEN $2::uuid END, pg_backend_pid(),
    (SELECT backend_start FROM pg_stat_get_activity(pg_backend_pid())))
ON CONFLICT (name) DO UPDATE
SET holder = excluded.holder,
    expires_at = excluded.expires_at,
    session_of = excluded.session_of,
    session_pid = excluded.session_pid,
    session_start = excluded.session_start
WHERE lease.holder = excluded.holder OR lease.expires_at < clock_timestamp()
    OR lease.session_of = lease.holder AND NOT EXISTS (
        SELECT FROM pg_stat_get_activity(lease.session_pid) AS session
        WHERE session.backend_start = lease.session_start OR session.backend_start IS NULL);

-- $1 name, $2 holder. Whether lease_take would touch no row now.
-- name: lease_is_of_another
SELECT EXISTS (
    SELECT FROM leases AS lease
    WHERE lease.name = $1::text AND lease.holder <> $2::uuid
        AND lease.expires_at >= clock_timestamp()
        AND (lease.session_of IS DISTINCT FROM lease.holder OR EXISTS (
            SELECT FROM pg_stat_get_activity(lease.session_pid) AS session
            WHERE session.backend_start = lease.session_start
                OR session.backend_start IS NULL)));

-- $1 name, $2 holder.
-- name: lease_leave
DELETE FROM leases WHERE name = $1::text AND holder = $2::uuid;
