-- The newest revision of every quest, and all revisions, which never change.
CREATE TABLE quests (
    quest_id    uuid PRIMARY KEY,
    reward_id   uuid NOT NULL CONSTRAINT quests_reward_id_fkey REFERENCES rewards,
    streak      integer NOT NULL CHECK (streak BETWEEN 1 AND 1000000),
    duplication integer NOT NULL CHECK (duplication BETWEEN 1 AND 1000000),
    name        text NOT NULL,
    description text NOT NULL,
    auto_claim  boolean NOT NULL,
    event_types text[] NOT NULL CHECK (cardinality(event_types) BETWEEN 1 AND 32),
    revision    bigint NOT NULL CHECK (revision >= 1),
    revised_at  timestamptz NOT NULL
);

CREATE TABLE quest_revisions (
    quest_id    uuid NOT NULL REFERENCES quests,
    revision    bigint NOT NULL CHECK (revision >= 1),
    reward_id   uuid NOT NULL REFERENCES rewards,
    streak      integer NOT NULL CHECK (streak BETWEEN 1 AND 1000000),
    duplication integer NOT NULL CHECK (duplication BETWEEN 1 AND 1000000),
    name        text NOT NULL,
    description text NOT NULL,
    auto_claim  boolean NOT NULL,
    event_types text[] NOT NULL CHECK (cardinality(event_types) BETWEEN 1 AND 32),
    revised_at  timestamptz NOT NULL,
    PRIMARY KEY (quest_id, revision)
);
