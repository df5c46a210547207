-- Claims are paid after they were made; entries are listed in the order made.
ALTER TABLE wallet_entries ADD COLUMN seq bigint GENERATED ALWAYS AS IDENTITY UNIQUE;

CREATE INDEX wallet_entries_user_id_seq_idx ON wallet_entries (user_id, seq);

DO $$
DECLARE
    run_role text := regexp_replace(current_user, '_owner$', '');
BEGIN
    IF run_role = current_user OR NOT EXISTS (SELECT FROM pg_roles WHERE rolname = run_role) THEN
        RETURN;
    END IF;
    EXECUTE format('GRANT UPDATE (status, claimed_at) ON reward_claims TO %I', run_role);
END
$$;
