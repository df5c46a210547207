-- Names of deleted accounts, as digests, and when somebody else may have them.
CREATE TABLE held_names (
    key     text PRIMARY KEY CHECK (length(key) = 64),
    free_at timestamptz NOT NULL
);

CREATE INDEX held_names_free_at_idx ON held_names (free_at);

DO $$
DECLARE
    run_role text := regexp_replace(current_user, '_owner$', '');
BEGIN
    IF run_role = current_user OR NOT EXISTS (SELECT FROM pg_roles WHERE rolname = run_role) THEN
        RETURN;
    END IF;
    EXECUTE format('GRANT SELECT, INSERT, UPDATE (free_at), DELETE ON held_names TO %I', run_role);
END
$$;
