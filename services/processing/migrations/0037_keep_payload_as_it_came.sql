-- Numbers of a jsonb are decimal digits: 1e308 is shown as 309 of them, so that
-- a payload of 120 kB became one of 6 MB. As json a payload stays the text that
-- came. Its size is stored beside it, so that a page of rows is cut without a
-- look into any payload. The table is written anew by this, once.
DROP INDEX events_user_state_idx, events_audit_actor_idx, events_audit_target_idx;

ALTER TABLE events
    DROP CONSTRAINT events_payload_check,
    ALTER COLUMN payload TYPE json USING payload::text::json;
ALTER TABLE events
    ADD COLUMN payload_bytes integer NOT NULL GENERATED ALWAYS AS (octet_length(payload::text)) STORED,
    ADD CONSTRAINT events_payload_check CHECK (json_typeof(payload) = 'object');

COMMENT ON COLUMN events.payload_bytes IS 'the length of payload as text';

CREATE INDEX events_user_state_idx ON events (user_id, seq)
    WHERE event_type IN ('UserChanged', 'UserDeleted')
        OR (event_type = 'UserRegistered' AND payload ->> 'timeZone' <> '');
CREATE INDEX events_audit_actor_idx ON events ((payload ->> 'actorId'), seq)
    WHERE event_type = 'AdminActed';
CREATE INDEX events_audit_target_idx ON events ((payload ->> 'target'), seq)
    WHERE event_type = 'AdminActed';
