-- Every event that ever arrived, in arrival order. Nothing else is the truth:
-- progress and quest definitions can be had from here again.
CREATE TABLE events (
    seq         bigint GENERATED ALWAYS AS IDENTITY,
    id          uuid NOT NULL,
    user_id     uuid,
    event_type  text NOT NULL,
    "timestamp" timestamptz NOT NULL,
    payload     jsonb NOT NULL,
    traceparent text,
    received_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT events_pkey PRIMARY KEY (id),
    CONSTRAINT events_seq_key UNIQUE (seq),
    CONSTRAINT events_event_type_check CHECK (event_type <> ''),
    CONSTRAINT events_payload_check CHECK (jsonb_typeof(payload) = 'object')
);

COMMENT ON COLUMN events."timestamp" IS 'when it happened, by the clock of whoever announced it';
COMMENT ON COLUMN events.received_at IS 'when the row was written';

CREATE INDEX events_user_id_seq_idx ON events (user_id, seq);
CREATE INDEX events_event_type_seq_idx ON events (event_type, seq);

-- Append-only for everybody, the owner and a superuser included.
CREATE FUNCTION events_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'events are append-only: % is refused', TG_OP;
END
$$;

CREATE TRIGGER events_are_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON events
    FOR EACH STATEMENT EXECUTE FUNCTION events_refuse_change();
ALTER TABLE events ENABLE ALWAYS TRIGGER events_are_append_only;
