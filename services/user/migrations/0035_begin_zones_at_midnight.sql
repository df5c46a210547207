-- A changed time zone begins to count at the next midnight of the one in force.
ALTER TABLE users
    ADD COLUMN zone_before    text,
    ADD COLUMN zone_starts_at timestamptz;

COMMENT ON COLUMN users.zone_starts_at IS 'when time_zone begins to count; until then zone_before does';

DO $$
DECLARE
    run_role text := regexp_replace(current_user, '_owner$', '');
BEGIN
    IF run_role <> current_user AND EXISTS (SELECT FROM pg_roles WHERE rolname = run_role) THEN
        EXECUTE format('GRANT UPDATE (zone_before, zone_starts_at) ON users TO %I', run_role);
    END IF;
END
$$;
