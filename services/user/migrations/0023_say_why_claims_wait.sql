-- Why a claim that was to be paid at once waits instead.
ALTER TABLE reward_claims
    ADD COLUMN pending_reason text CHECK (status = 'PENDING' OR pending_reason IS NULL);

DO $$
DECLARE
    run_role text := regexp_replace(current_user, '_owner$', '');
BEGIN
    IF run_role = current_user OR NOT EXISTS (SELECT FROM pg_roles WHERE rolname = run_role) THEN
        RETURN;
    END IF;
    EXECUTE format('GRANT UPDATE (pending_reason) ON reward_claims TO %I', run_role);
END
$$;
