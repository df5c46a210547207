-- Sessions that are continued. What a refresh token shares with those before and
-- behind it is its family; a session begun before there were families has none
-- and cannot be continued. The salt is what the newest token followed by.
ALTER TABLE sessions
    ADD COLUMN family_hash bytea UNIQUE CHECK (octet_length(family_hash) = 32),
    ADD COLUMN previous_hash bytea CHECK (octet_length(previous_hash) = 32),
    ADD COLUMN turn_salt bytea CHECK (octet_length(turn_salt) = 32),
    ADD COLUMN turned_at timestamptz;

CREATE INDEX sessions_expires_at_idx ON sessions (expires_at);

DO $$
DECLARE
    run_role text := regexp_replace(current_user, '_owner$', '');
BEGIN
    IF run_role = current_user OR NOT EXISTS (SELECT FROM pg_roles WHERE rolname = run_role) THEN
        RETURN;
    END IF;
    EXECUTE format('GRANT UPDATE (refresh_hash, previous_hash, turn_salt, turned_at, expires_at)
                    ON sessions TO %I', run_role);
END
$$;
