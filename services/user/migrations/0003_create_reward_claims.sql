-- What users have been promised: one claim per completion, in the order made.
CREATE TABLE reward_claims (
    id             uuid PRIMARY KEY,
    seq            bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    user_id        uuid NOT NULL REFERENCES users,
    quest_id       uuid NOT NULL,
    quest_revision bigint NOT NULL,
    ordinal        integer NOT NULL CHECK (ordinal >= 1),
    reward_id      uuid NOT NULL,
    reward_item    text NOT NULL,
    reward_qty     integer NOT NULL CHECK (reward_qty >= 1),
    status         text NOT NULL CHECK (status IN ('PENDING', 'CLAIMED')),
    created_at     timestamptz NOT NULL DEFAULT now(),
    claimed_at     timestamptz CHECK ((status = 'CLAIMED') = (claimed_at IS NOT NULL)),
    UNIQUE (user_id, quest_id, ordinal)
);

CREATE INDEX reward_claims_user_id_seq_idx ON reward_claims (user_id, seq);
