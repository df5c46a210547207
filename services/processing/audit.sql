-- The audit trail: AdminActed rows of the event table, the latest first.

-- A page of entries, as JSON of the contract's AuditEntry: only the fields that
-- it knows, since a later release may write more. Rows end when those before
-- have $3 bytes; the last column says how many were found.
-- $1 seq of the row before (0: none)  $2 rows at most  $3 bytes
-- $4 administrator (NULL: all)  $5 target (NULL: all)
-- name: audit_list
SELECT page.seq, page.entry, page.n_found
FROM (
    SELECT found.seq, found.entry,
        sum(octet_length(found.entry)) OVER (ORDER BY found.seq DESC)
            - octet_length(found.entry) AS bytes_before,
        count(*) OVER () AS n_found
    FROM (
        SELECT seq, jsonb_build_object(
                'eventId', id,
                'actedAt', to_char("timestamp" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
                'actorId', payload -> 'actorId', 'role', payload -> 'role',
                'method', payload -> 'method', 'target', payload -> 'target',
                'requestId', payload -> 'requestId', 'facts', payload -> 'facts')::text AS entry
        FROM events
        WHERE event_type = 'AdminActed'
            AND ($1::bigint = 0 OR seq < $1::bigint)
            AND ($4::text IS NULL OR payload ->> 'actorId' = $4::text)
            AND ($5::text IS NULL OR payload ->> 'target' = $5::text)
        ORDER BY seq DESC
        LIMIT $2::int) AS found) AS page
WHERE page.bytes_before < $3::bigint
ORDER BY page.seq DESC
