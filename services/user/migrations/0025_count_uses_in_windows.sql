-- How often something was done in a window, by digests of what and whose.
CREATE TABLE quotas (
    key     text PRIMARY KEY CHECK (length(key) = 32),
    taken   integer NOT NULL CHECK (taken >= 1),
    ends_at timestamptz NOT NULL
);

CREATE INDEX quotas_ends_at_idx ON quotas (ends_at);

DO $$
DECLARE
    run_role text := regexp_replace(current_user, '_owner$', '');
BEGIN
    IF run_role = current_user OR NOT EXISTS (SELECT FROM pg_roles WHERE rolname = run_role) THEN
        RETURN;
    END IF;
    EXECUTE format('GRANT SELECT, INSERT, UPDATE (taken, ends_at), DELETE ON quotas TO %I',
                   run_role);
END
$$;
