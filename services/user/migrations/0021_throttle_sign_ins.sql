-- Sign-ins that failed, by digests of account and address, in windows. And of a
-- session the digest of its account and the address at which it began.
CREATE TABLE sign_in_failures (
    key      text PRIMARY KEY CHECK (length(key) = 32),
    failures integer NOT NULL CHECK (failures >= 1),
    ends_at  timestamptz NOT NULL
);

CREATE INDEX sign_in_failures_ends_at_idx ON sign_in_failures (ends_at);

ALTER TABLE sessions
    ADD COLUMN client_key text CHECK (length(client_key) = 32);

DO $$
DECLARE
    run_role text := regexp_replace(current_user, '_owner$', '');
BEGIN
    IF run_role = current_user OR NOT EXISTS (SELECT FROM pg_roles WHERE rolname = run_role) THEN
        RETURN;
    END IF;
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON sign_in_failures TO %I', run_role);
END
$$;
