-- The audit trail: AdminActed rows of the event table, the latest first.

-- Where the next entries are, whether they are asked for, how many bytes they show,
-- and how many rows were looked at. Rows are compared with their index, so that no
-- plan reads another one to its end.
-- $1 seq of the row before  $2 rows at most
-- name: audit_list
SELECT seq, true, payload_bytes, 0
FROM events
WHERE event_type = 'AdminActed'
    AND (event_type, seq) < ('AdminActed', $1::bigint)
ORDER BY event_type DESC, seq DESC
LIMIT $2::int

-- $3 target
-- name: audit_list_of_target
SELECT seq, true, payload_bytes, 0
FROM events
WHERE event_type = 'AdminActed' AND payload ->> 'target' = $3
    AND seq < $1::bigint
ORDER BY payload ->> 'target' DESC, seq DESC
LIMIT $2::int

-- $3 administrator
-- name: audit_list_of_actor
SELECT seq, true, payload_bytes, 0
FROM events
WHERE event_type = 'AdminActed' AND payload ->> 'actorId' = $3
    AND seq < $1::bigint
ORDER BY payload ->> 'actorId' DESC, seq DESC
LIMIT $2::int

-- The entries on a target among the next $2 of an administrator, and the last one of
-- these whatever it is: there the next page goes on. $3 administrator  $4 target
-- name: audit_list_of_actor_and_target
WITH seen AS MATERIALIZED (
    SELECT seq, payload_bytes, payload ->> 'target' AS target
    FROM events
    WHERE event_type = 'AdminActed' AND payload ->> 'actorId' = $3
        AND seq < $1::bigint
    ORDER BY payload ->> 'actorId' DESC, seq DESC
    LIMIT $2::int
)
SELECT seq, coalesce(target = $4, false), payload_bytes, (SELECT count(*) FROM seen)
FROM seen
WHERE target = $4 OR seq = (SELECT min(seq) FROM seen)
ORDER BY seq DESC

-- Entries as JSON of the contract's AuditEntry: only the fields that it knows, since
-- a later release may write more. $1 seqs
-- name: audit_get_entries
SELECT seq, jsonb_build_object(
        'eventId', id,
        'actedAt', to_char("timestamp" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
        'actorId', payload -> 'actorId', 'role', payload -> 'role',
        'method', payload -> 'method', 'target', payload -> 'target',
        'requestId', payload -> 'requestId', 'facts', payload -> 'facts')::text
FROM events
WHERE seq = ANY ($1::bigint[])
ORDER BY seq DESC
