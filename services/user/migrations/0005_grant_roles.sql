-- The run role is named after the owner: ql_user_owner, ql_user. It gets what the
-- service does and no more: the ledger and the claims it can only add to.
DO $$
DECLARE
    run_role text := regexp_replace(current_user, '_owner$', '');
BEGIN
    IF run_role = current_user OR NOT EXISTS (SELECT FROM pg_roles WHERE rolname = run_role) THEN
        RETURN;
    END IF;
    EXECUTE format('GRANT SELECT, INSERT, UPDATE (status, gold, diamond) ON users TO %I', run_role);
    EXECUTE format('GRANT SELECT, INSERT, DELETE ON sessions TO %I', run_role);
    EXECUTE format('GRANT SELECT, INSERT ON reward_claims, wallet_entries TO %I', run_role);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE (balance) ON wallet_balances TO %I', run_role);
END
$$;
