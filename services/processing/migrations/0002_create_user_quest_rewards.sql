-- How far each user is with each quest: what the events add up to. Its values,
-- ids and times included, follow from the events alone.
CREATE TABLE user_quest_rewards (
    id          uuid NOT NULL,
    user_id     uuid NOT NULL,
    quest_id    uuid NOT NULL,
    status      text NOT NULL,
    streak      integer NOT NULL,
    duplication integer NOT NULL,
    created_at  timestamptz NOT NULL,
    updated_at  timestamptz NOT NULL,
    CONSTRAINT user_quest_rewards_pkey PRIMARY KEY (id),
    CONSTRAINT user_quest_rewards_user_id_quest_id_key UNIQUE (user_id, quest_id),
    CONSTRAINT user_quest_rewards_status_check CHECK (status IN ('IN_PROGRESS', 'EXHAUSTED')),
    CONSTRAINT user_quest_rewards_streak_check CHECK (streak >= 0),
    CONSTRAINT user_quest_rewards_duplication_check CHECK (duplication >= 0)
);

COMMENT ON COLUMN user_quest_rewards.created_at IS 'when the first event that counted happened';
COMMENT ON COLUMN user_quest_rewards.updated_at IS 'when the last event that counted happened';
