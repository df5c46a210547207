-- The generation of an account's access tokens. What ends them all (a ban, a lost role,
-- a new password, a deletion, a key that is taken back) begins the next one.
ALTER TABLE users ADD COLUMN token_generation bigint NOT NULL DEFAULT 0;
ALTER TABLE service_accounts ADD COLUMN token_generation bigint NOT NULL DEFAULT 0;

DO $$
DECLARE
    run_role text := regexp_replace(current_user, '_owner$', '');
BEGIN
    IF run_role = current_user OR NOT EXISTS (SELECT FROM pg_roles WHERE rolname = run_role) THEN
        RETURN;
    END IF;
    EXECUTE format('GRANT UPDATE (token_generation) ON users TO %I', run_role);
    EXECUTE format('GRANT UPDATE (token_generation) ON service_accounts TO %I', run_role);
END
$$;
