-- Statements on when rows of the event table were received.

-- When the first row from $1 on and before $2 was received, in ms.
-- $1 seq  $2 seq
-- name: arrival_at
SELECT (extract(epoch FROM received_at) * 1000)::bigint
FROM events
WHERE seq >= $1 AND seq < $2
ORDER BY seq
LIMIT 1

-- When the newest row of these types before $2 was received, in ms; NULL for none.
-- Compared as rows, so that the index on both finds it.
-- $1 types  $2 seq
-- name: arrival_newest_of_types
SELECT (extract(epoch FROM max(newest.received_at)) * 1000)::bigint
FROM (SELECT DISTINCT unnest($1::text[]) AS event_type) AS types
CROSS JOIN LATERAL (
    SELECT received_at
    FROM events
    WHERE (event_type, seq) >= (types.event_type, 0::bigint)
        AND (event_type, seq) < (types.event_type, $2)
    ORDER BY event_type DESC, seq DESC
    LIMIT 1
) AS newest
