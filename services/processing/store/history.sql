-- Statements on the event table as the rules see it.

-- What is to be known of users at a place of the table. Deletion is known wherever it
-- stands: who is deleted has no progress, and what their events said is erased.
-- Deletion and registration are looked for as the zone is: an EXISTS would be answered
-- by a list of everybody who was ever deleted, made for each batch.
-- $1 user ids  $2 seq: only rows before it, but for deletions
-- name: event_list_users
SELECT u.user_id, zones.zone, zones.zone_before, zones.starts_at, deletions.seq IS NOT NULL,
    registrations.seq IS NOT NULL
FROM unnest($1::uuid[]) AS u (user_id)
LEFT JOIN LATERAL (
    SELECT e.seq, e.payload ->> 'timeZone' AS zone, e.payload ->> 'zoneBefore' AS zone_before,
        e.payload ->> 'startsAt' AS starts_at
    FROM events e
    WHERE e.user_id = u.user_id AND e.seq < $2
        AND (e.event_type IN ('UserChanged', 'UserDeleted')
            OR (e.event_type = 'UserRegistered' AND e.payload ->> 'timeZone' <> ''))
        AND e.event_type <> 'UserDeleted'
    ORDER BY e.seq DESC
    LIMIT 1
) AS zones ON true
LEFT JOIN LATERAL (
    SELECT e.seq
    FROM events e
    WHERE e.user_id = u.user_id
        AND (e.event_type IN ('UserChanged', 'UserDeleted')
            OR (e.event_type = 'UserRegistered' AND e.payload ->> 'timeZone' <> ''))
        AND e.event_type = 'UserDeleted'
    ORDER BY e.seq DESC
    LIMIT 1
) AS deletions ON true
LEFT JOIN LATERAL (
    SELECT e.seq
    FROM events e
    WHERE e.user_id = u.user_id AND e.seq < $2 AND e.event_type = 'UserRegistered'
    ORDER BY e.seq
    LIMIT 1
) AS registrations ON true
WHERE zones.seq IS NOT NULL OR deletions.seq IS NOT NULL OR registrations.seq IS NOT NULL

-- Who of these users is deleted. $1 user ids
-- name: event_list_deleted
SELECT u.user_id
FROM (SELECT DISTINCT unnest($1::uuid[]) AS user_id) AS u
CROSS JOIN LATERAL (
    SELECT
    FROM events e
    WHERE e.user_id = u.user_id
        AND (e.event_type IN ('UserChanged', 'UserDeleted')
            OR (e.event_type = 'UserRegistered' AND e.payload ->> 'timeZone' <> ''))
        AND e.event_type = 'UserDeleted'
    ORDER BY e.seq DESC
    LIMIT 1
) AS deletions

-- Rows to be replayed, as many as there are and no more than fit: a page ends with
-- the row that fills it. Only the payloads of that page are read: what is cut off
-- costs its row and not its payload.
-- $1 after seq  $2 before seq  $3 rows at most  $4 bytes of payload
-- name: event_list_range
SELECT page.seq, page.id, page.user_id, page.event_type, page.ms, page.payload::text
FROM (
    SELECT f.*, sum(f.payload_bytes) OVER (ORDER BY f.seq) - f.payload_bytes AS bytes
    FROM (
        SELECT seq, id, user_id, event_type, (extract(epoch FROM "timestamp") * 1000)::bigint AS ms,
            payload, payload_bytes
        FROM events
        WHERE seq > $1 AND seq < $2
        ORDER BY seq
        LIMIT $3
    ) AS f
) AS page
WHERE page.bytes < $4
ORDER BY page.seq

-- The same of some types. Compared as rows, for then no other index than the one
-- on both will do: the one on seq alone would be read to its end for a rare type.
-- $5 types  $6 ms: only what happened at this time or later, and what is to be known
-- of users; NULL for all
-- name: event_list_range_of_types
SELECT page.seq, page.id, page.user_id, page.event_type, page.ms, page.payload::text
FROM (
    SELECT f.*, sum(f.payload_bytes) OVER (ORDER BY f.seq) - f.payload_bytes AS bytes
    FROM (
        SELECT chosen.seq, chosen.id, chosen.user_id, chosen.event_type,
            (extract(epoch FROM chosen."timestamp") * 1000)::bigint AS ms,
            chosen.payload, chosen.payload_bytes
        FROM (
            SELECT places.*
            FROM (SELECT DISTINCT unnest($5::text[]) AS event_type) AS types
            CROSS JOIN LATERAL (
                SELECT seq, id, user_id, event_type, "timestamp", payload, payload_bytes
                FROM events
                WHERE (event_type, seq) > (types.event_type, $1)
                    AND (event_type, seq) < (types.event_type, $2)
                    AND ($6::bigint IS NULL
                        OR "timestamp" >= 'epoch'::timestamptz + $6 * interval '1 millisecond'
                        OR event_type IN ('UserRegistered', 'UserChanged', 'UserDeleted'))
                ORDER BY event_type, seq
                LIMIT $3
            ) AS places
            ORDER BY places.seq
            LIMIT $3
        ) AS chosen
    ) AS f
) AS page
WHERE page.bytes < $4
ORDER BY page.seq

-- The newest revision of a quest at a row, or its first row's, and where the next
-- one begins. $1 quest id in lower case  $2 seq
-- name: event_get_revision
WITH revisions AS MATERIALIZED (
    SELECT seq, (payload #>> '{quest,revision}')::bigint AS revision
    FROM events
    WHERE event_type = 'QuestChanged' AND lower(payload #>> '{quest,questId}') = $1
),
place AS (
    SELECT greatest($2::bigint, min(seq)) AS seq FROM revisions
),
newest AS (
    SELECT revisions.seq
    FROM revisions, place
    WHERE revisions.seq <= place.seq
    ORDER BY revisions.revision DESC, revisions.seq
    LIMIT 1
)
SELECT events.seq, events.payload::text,
    (SELECT min(revisions.seq) FROM revisions, place WHERE revisions.seq > place.seq)
FROM newest
JOIN events ON events.seq = newest.seq

-- Where events with these ids stand, of those before $2. $1 ids  $2 seq
-- name: event_list_positions
SELECT user_id, seq FROM events WHERE id = ANY ($1::uuid[]) AND seq < $2

-- Behind which row the table ends.
-- name: event_last_seq
SELECT coalesce(max(seq), 0) FROM events

-- The same of some types: one look into the index for each. $1 types
-- name: event_last_seq_of_types
SELECT coalesce(max(newest.seq), 0)
FROM unnest($1::text[]) AS types (event_type)
CROSS JOIN LATERAL (
    SELECT seq FROM events WHERE events.event_type = types.event_type
    ORDER BY event_type DESC, seq DESC
    LIMIT 1
) AS newest

-- Makes the transaction one that can only read.
-- name: history_read_only
SELECT set_config('transaction_read_only', 'on', true)
