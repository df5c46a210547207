-- What a quest can ask for beyond its event types, archiving, and changing: the
-- run role may change the newest revisions, and only add to the kept ones.
-- Conditions are json and not jsonb, which would write 1e300 out in 301 digits.
ALTER TABLE quests
    ADD COLUMN conditions            json NOT NULL DEFAULT '[]',
    ADD COLUMN starts_at             timestamptz,
    ADD COLUMN ends_at               timestamptz CHECK (ends_at > starts_at),
    ADD COLUMN prerequisite_quest_id uuid
        CONSTRAINT quests_prerequisite_quest_id_fkey REFERENCES quests
        CHECK (prerequisite_quest_id <> quest_id),
    ADD COLUMN streak_rule           text NOT NULL DEFAULT 'EVERY_EVENT'
        CHECK (streak_rule IN ('EVERY_EVENT', 'DAILY', 'DAILY_IN_A_ROW')),
    ADD COLUMN backfill              boolean NOT NULL DEFAULT false,
    ADD COLUMN archived              boolean NOT NULL DEFAULT false;

ALTER TABLE quest_revisions
    ADD COLUMN conditions            json NOT NULL DEFAULT '[]',
    ADD COLUMN starts_at             timestamptz,
    ADD COLUMN ends_at               timestamptz CHECK (ends_at > starts_at),
    ADD COLUMN prerequisite_quest_id uuid REFERENCES quests,
    ADD COLUMN streak_rule           text NOT NULL DEFAULT 'EVERY_EVENT'
        CHECK (streak_rule IN ('EVERY_EVENT', 'DAILY', 'DAILY_IN_A_ROW')),
    ADD COLUMN backfill              boolean NOT NULL DEFAULT false,
    ADD COLUMN archived              boolean NOT NULL DEFAULT false;

ALTER TABLE rewards          ADD COLUMN archived boolean NOT NULL DEFAULT false;
ALTER TABLE reward_revisions ADD COLUMN archived boolean NOT NULL DEFAULT false;

-- Who gives this reward still, asked before it is archived.
CREATE INDEX quests_reward_id_idx ON quests (reward_id) WHERE NOT archived;

DO $$
DECLARE
    run_role text := regexp_replace(current_user, '_owner$', '');
BEGIN
    IF run_role <> current_user AND EXISTS (SELECT FROM pg_roles WHERE rolname = run_role) THEN
        EXECUTE format('GRANT UPDATE (reward_id, name, description, streak, duplication, auto_claim, event_types, revision, revised_at, conditions, starts_at, ends_at, prerequisite_quest_id, streak_rule, archived) ON quests TO %I', run_role);
        EXECUTE format('GRANT UPDATE (reward_name, reward_item, reward_qty, revision, revised_at, archived) ON rewards TO %I', run_role);
    END IF;
END
$$;
