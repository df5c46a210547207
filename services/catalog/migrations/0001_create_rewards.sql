-- The newest revision of every reward, and all revisions, which never change.
CREATE TABLE rewards (
    reward_id   uuid PRIMARY KEY,
    reward_name text NOT NULL,
    reward_item text NOT NULL,
    reward_qty  integer NOT NULL CHECK (reward_qty BETWEEN 1 AND 1000000),
    revision    bigint NOT NULL CHECK (revision >= 1),
    revised_at  timestamptz NOT NULL
);

CREATE TABLE reward_revisions (
    reward_id   uuid NOT NULL REFERENCES rewards,
    revision    bigint NOT NULL CHECK (revision >= 1),
    reward_name text NOT NULL,
    reward_item text NOT NULL,
    reward_qty  integer NOT NULL CHECK (reward_qty BETWEEN 1 AND 1000000),
    revised_at  timestamptz NOT NULL,
    PRIMARY KEY (reward_id, revision)
);
