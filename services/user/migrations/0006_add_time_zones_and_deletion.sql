-- Where a user's days begin; accounts that are deleted but keep their id; and
-- accounts that change: another password, another role, no name any more.
ALTER TABLE users
    ADD COLUMN time_zone text NOT NULL DEFAULT 'UTC',
    DROP CONSTRAINT users_status_check,
    ADD CONSTRAINT users_status_check CHECK (status IN ('NEW', 'ACTIVE', 'BANNED', 'DELETED'));

DO $$
DECLARE
    run_role text := regexp_replace(current_user, '_owner$', '');
BEGIN
    IF run_role = current_user OR NOT EXISTS (SELECT FROM pg_roles WHERE rolname = run_role) THEN
        RETURN;
    END IF;
    EXECUTE format('GRANT UPDATE (user_name, hashed_password, role, time_zone) ON users TO %I',
                   run_role);
END
$$;
