-- Where progress is made again from the events, beside the live table and with
-- the same statements: they find this schema first when it leads the search path.
-- Nothing here outlives a crash, or a rebuild.
CREATE SCHEMA rebuild;

CREATE UNLOGGED TABLE rebuild.user_quest_rewards (LIKE public.user_quest_rewards INCLUDING ALL);

-- The completions that follow, in the order of the fold.
CREATE UNLOGGED TABLE rebuild.completions (
    place          bigint GENERATED ALWAYS AS IDENTITY,
    id             uuid NOT NULL,
    user_id        uuid NOT NULL,
    quest_id       uuid NOT NULL,
    quest_revision bigint NOT NULL,
    ordinal        integer NOT NULL,
    cause_event_id uuid NOT NULL,
    "timestamp"    timestamptz NOT NULL,
    CONSTRAINT completions_pkey PRIMARY KEY (place)
);
CREATE INDEX completions_id_idx ON rebuild.completions (id);

DO $$
DECLARE
    run_role text := regexp_replace(current_user, '_owner$', '');
BEGIN
    IF run_role <> current_user AND EXISTS (SELECT FROM pg_roles WHERE rolname = run_role) THEN
        EXECUTE format('GRANT USAGE ON SCHEMA rebuild TO %I', run_role);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON ALL TABLES IN SCHEMA rebuild TO %I',
            run_role);
        EXECUTE format('GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA rebuild TO %I', run_role);
        EXECUTE format('GRANT DELETE ON public.user_quest_rewards TO %I', run_role);
    END IF;
END
$$;
