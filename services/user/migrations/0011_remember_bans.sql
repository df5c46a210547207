-- What a banned account is again when the ban ends.
ALTER TABLE users
    ADD COLUMN status_before_ban text CHECK (status_before_ban IN ('NEW', 'ACTIVE'));

DO $$
DECLARE
    run_role text := regexp_replace(current_user, '_owner$', '');
BEGIN
    IF run_role = current_user OR NOT EXISTS (SELECT FROM pg_roles WHERE rolname = run_role) THEN
        RETURN;
    END IF;
    EXECUTE format('GRANT UPDATE (status_before_ban) ON users TO %I', run_role);
END
$$;
