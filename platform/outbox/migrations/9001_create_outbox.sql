-- Outbox, the lease of its relay, and inbox.

-- Rows come and go all the time: vacuum by their number, not by a share.
CREATE TABLE outbox (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id uuid NOT NULL,
    event_type text NOT NULL,
    routing_key text NOT NULL,
    bytes bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);

-- One row, taken by one relay at a time.
CREATE TABLE relay_lease (
    is_the_one boolean PRIMARY KEY DEFAULT true CHECK (is_the_one),
    holder uuid,
    expires_at timestamptz NOT NULL
) WITH (fillfactor = 10);

INSERT INTO relay_lease (holder, expires_at) VALUES (NULL, '-infinity');

CREATE TABLE inbox (
    consumer text NOT NULL,
    event_id uuid NOT NULL,
    entered_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (consumer, event_id)
);

CREATE INDEX inbox_entered_at ON inbox (entered_at);

-- The owner x_owner only migrates; the run role is x, where there is one.
DO $$
DECLARE
    run_role text := regexp_replace(current_user, '_owner$', '');
BEGIN
    IF run_role <> current_user AND EXISTS (SELECT FROM pg_roles WHERE rolname = run_role) THEN
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON outbox, relay_lease, inbox TO %I',
                       run_role);
    END IF;
END
$$;
