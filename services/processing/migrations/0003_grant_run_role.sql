-- The run role is named after the owner: ql_processing_owner, ql_processing. It
-- adds events and never changes one.
DO $$
DECLARE
    run_role text := regexp_replace(current_user, '_owner$', '');
BEGIN
    IF run_role <> current_user AND EXISTS (SELECT FROM pg_roles WHERE rolname = run_role) THEN
        EXECUTE format('GRANT SELECT, INSERT ON events TO %I', run_role);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE ON user_quest_rewards TO %I', run_role);
    END IF;
END
$$;
