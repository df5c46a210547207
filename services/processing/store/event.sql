-- Statements on the event table.

-- One batch at a time, whoever consumes: then seq is the order of commits too,
-- a reader by seq misses nothing, and what a batch was evaluated by is what stands
-- before it. The lock ends with the transaction. The number is nobody else's.
-- name: event_lock
SELECT pg_advisory_xact_lock(7165080015001)

-- Which of these ids of our own services are stored, one look into the index for
-- each: asked with ANY, a small table or one without statistics was now and then
-- read from end to end. $1 ids
-- name: event_list_known
SELECT given.id
FROM unnest($1::uuid[]) AS given (id)
CROSS JOIN LATERAL (
    SELECT FROM events
    WHERE events.id = given.id AND account_id = '00000000-0000-0000-0000-000000000000'
    LIMIT 1
) AS stored

-- Which of these events are stored: their places in the arrays, and the digests of
-- what is stored. An event of a game server without an account was stored, or sent,
-- by an earlier release: it is the same as any account's with its id.
-- $1 ids  $2 accounts (NULL: none)  $3 whether they are a game server's
-- name: event_find_known
SELECT given.place, stored.contents
FROM unnest($1::uuid[], $2::uuid[], $3::bigint[])
    WITH ORDINALITY AS given (id, account_id, is_custom, place)
CROSS JOIN LATERAL (
    SELECT contents
    FROM events
    WHERE events.id = given.id
        AND (events.account_id
                = coalesce(given.account_id, '00000000-0000-0000-0000-000000000000')
            OR (given.is_custom = 1 AND strpos(events.event_type, '.') > 0
                AND (given.account_id IS NULL
                    OR events.account_id = '00000000-0000-0000-0000-000000000000')))
    ORDER BY events.account_id IS NOT DISTINCT FROM given.account_id DESC
    LIMIT 1
) AS stored
ORDER BY given.place

-- Appends rows in order and returns the last one's seq. Of a user who was deleted before,
-- only that something happened is stored.
-- $1 ids  $2 user ids (NULL: none)  $3 types  $4 times in ms  $5 payloads
-- $6 traceparents (NULL: none)  $7 accounts (NULL: none)  $8 contents (NULL: none)
-- name: event_append
WITH appended AS (
    INSERT INTO events
        (id, user_id, event_type, "timestamp", payload, traceparent, account_id, contents)
    SELECT e.id, e.user_id, e.event_type, 'epoch'::timestamptz + e.ms * interval '1 millisecond',
        CASE WHEN erased.is_erased THEN '{}' ELSE e.payload::json END,
        CASE WHEN erased.is_erased THEN NULL ELSE e.traceparent END,
        coalesce(e.account_id, '00000000-0000-0000-0000-000000000000'),
        CASE WHEN erased.is_erased THEN NULL ELSE e.contents END
    FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::bigint[], $5::text[], $6::text[],
        $7::uuid[], $8::uuid[])
        WITH ORDINALITY
        AS e (id, user_id, event_type, ms, payload, traceparent, account_id, contents, place)
    LEFT JOIN LATERAL (
        SELECT true AS is_erased FROM event_erasures WHERE event_erasures.user_id = e.user_id
        LIMIT 1
    ) AS erased ON true
    ORDER BY e.place
    RETURNING seq
)
SELECT max(seq) FROM appended

-- A page of the table: where its rows are, how many bytes of payload they show,
-- whether they are asked for, and how many rows were looked at. Rows are compared
-- with their index, so that no plan reads another one to its end.
-- $1 seq of the row before  $2 rows at most
-- name: event_list
SELECT seq, payload_bytes, true, 0 FROM events WHERE seq > $1 ORDER BY seq LIMIT $2

-- $3 user
-- name: event_list_of_user
SELECT seq, payload_bytes, true, 0
FROM events
WHERE (user_id, seq) > ($3::uuid, $1) AND user_id = $3::uuid
ORDER BY user_id, seq
LIMIT $2

-- $3 type
-- name: event_list_of_type
SELECT seq, payload_bytes, true, 0
FROM events
WHERE (event_type, seq) > ($3, $1) AND event_type = $3
ORDER BY event_type, seq
LIMIT $2

-- The rows of a type among the next $2 rows of a user, and the last one of these
-- whatever it is: there the next page goes on. $3 user  $4 type
-- name: event_list_of_user_and_type
WITH seen AS MATERIALIZED (
    SELECT seq, payload_bytes, event_type
    FROM events
    WHERE (user_id, seq) > ($3::uuid, $1) AND user_id = $3::uuid
    ORDER BY user_id, seq
    LIMIT $2
)
SELECT seq, payload_bytes, event_type = $4, (SELECT count(*) FROM seen)
FROM seen
WHERE event_type = $4 OR seq = (SELECT max(seq) FROM seen)
ORDER BY seq

-- Rows of a page. A payload above $2 bytes is left out.
-- $1 seqs  $2 bytes
-- name: event_get_rows
SELECT seq, id, user_id, event_type, (extract(epoch FROM "timestamp") * 1000)::bigint,
    CASE WHEN payload_bytes <= $2 THEN payload::text END
FROM events WHERE seq = ANY ($1::bigint[]) ORDER BY seq
