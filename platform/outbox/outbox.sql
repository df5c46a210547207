-- Statements of outbox and inbox.

-- $1 event ids, $2 types, $3 routing keys, $4 packed envelopes: arrays of one
-- length. Ids follow the order of the arrays.
-- name: outbox_insert
INSERT INTO outbox (event_id, event_type, routing_key, bytes)
SELECT e.event_id, e.event_type, e.routing_key, e.bytes
FROM unnest($1::uuid[], $2::text[], $3::text[], $4::bytea[])
    WITH ORDINALITY AS e (event_id, event_type, routing_key, bytes, place)
ORDER BY e.place;

-- $1 consumer, $2 event id.
-- name: inbox_insert
INSERT INTO inbox (consumer, event_id)
VALUES ($1, $2::uuid)
ON CONFLICT (consumer, event_id) DO NOTHING;

-- Returns those that were not there.
-- $1 consumer, $2 event ids.
-- name: inbox_insert_many
INSERT INTO inbox (consumer, event_id)
SELECT DISTINCT $1, e.event_id FROM unnest($2::uuid[]) AS e (event_id) ORDER BY e.event_id
ON CONFLICT (consumer, event_id) DO NOTHING
RETURNING event_id;
