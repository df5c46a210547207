-- Accounts of game servers, and their keys. Of a key only the SHA-256 is stored:
-- it has 256 random bits, so there is nothing to guess.
CREATE TABLE service_accounts (
    service_account_id uuid PRIMARY KEY,
    display_name       text NOT NULL,
    event_types        text[] NOT NULL CHECK (cardinality(event_types) BETWEEN 1 AND 16),
    disabled           boolean NOT NULL DEFAULT false,
    created_at         timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE api_keys (
    key_id             uuid PRIMARY KEY,
    service_account_id uuid NOT NULL REFERENCES service_accounts,
    key_hash           bytea NOT NULL UNIQUE CHECK (octet_length(key_hash) = 32),
    created_at         timestamptz NOT NULL DEFAULT now(),
    revoked_at         timestamptz,
    last_used_at       timestamptz
);

CREATE INDEX api_keys_service_account_id_idx ON api_keys (service_account_id, created_at);

DO $$
DECLARE
    run_role text := regexp_replace(current_user, '_owner$', '');
BEGIN
    IF run_role = current_user OR NOT EXISTS (SELECT FROM pg_roles WHERE rolname = run_role) THEN
        RETURN;
    END IF;
    EXECUTE format('GRANT SELECT, INSERT, UPDATE (disabled) ON service_accounts TO %I', run_role);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE (revoked_at, last_used_at) ON api_keys TO %I',
                   run_role);
END
$$;
