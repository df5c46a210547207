-- Commands insert through the run role, queries read through the read-only one.
-- Both are named after the owner: ql_catalog_owner, ql_catalog, ql_catalog_read.
DO $$
DECLARE
    run_role  text := regexp_replace(current_user, '_owner$', '');
    read_role text := run_role || '_read';
BEGIN
    IF run_role <> current_user AND EXISTS (SELECT FROM pg_roles WHERE rolname = run_role) THEN
        EXECUTE format('GRANT SELECT, INSERT ON rewards, reward_revisions, quests, quest_revisions TO %I', run_role);
    END IF;
    IF run_role <> current_user AND EXISTS (SELECT FROM pg_roles WHERE rolname = read_role) THEN
        EXECUTE format('GRANT SELECT ON rewards, reward_revisions, quests, quest_revisions TO %I', read_role);
    END IF;
END
$$;
