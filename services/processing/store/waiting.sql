-- Statements on the rows of users that stand before their registrations.

-- Of these users, each about to be registered at a row: those whom no row before it
-- registers, and whether any row is about them. LATERAL, for an EXISTS would be
-- answered by a list of everybody who was ever registered.
-- $1 user ids  $2 seqs
-- name: waiting_find
SELECT given.place, earlier.seq IS NOT NULL
FROM unnest($1::uuid[], $2::bigint[]) WITH ORDINALITY AS given (user_id, seq, place)
LEFT JOIN LATERAL (
    SELECT seq FROM events
    WHERE user_id = given.user_id AND seq < given.seq AND event_type = 'UserRegistered'
    ORDER BY seq
    LIMIT 1
) AS registrations ON true
LEFT JOIN LATERAL (
    SELECT seq FROM events
    WHERE user_id = given.user_id AND seq < given.seq
    ORDER BY user_id, seq
    LIMIT 1
) AS earlier ON true
WHERE registrations.seq IS NULL

-- The first rows of a user before the first one that registers the user, in order.
-- Each stands where that one does. $1 user id  $2 rows at most  $3 bytes of payload
-- name: waiting_list
SELECT page.registered_seq, page.id, page.user_id, page.event_type, page.ms, page.payload::text
FROM (
    SELECT f.*, sum(f.payload_bytes) OVER (ORDER BY f.seq) - f.payload_bytes AS bytes
    FROM (
        SELECT e.seq, registered.seq AS registered_seq, e.id, e.user_id, e.event_type,
            (extract(epoch FROM e."timestamp") * 1000)::bigint AS ms, e.payload, e.payload_bytes
        FROM (
            SELECT seq FROM events
            WHERE user_id = $1::uuid AND event_type = 'UserRegistered'
            ORDER BY seq
            LIMIT 1
        ) AS registered
        JOIN events AS e ON e.user_id = $1::uuid AND e.seq < registered.seq
        ORDER BY e.seq
        LIMIT $2
    ) AS f
) AS page
WHERE page.bytes < $3
ORDER BY page.seq
