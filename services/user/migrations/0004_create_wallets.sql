-- The ledger: every movement, once per cause; and the balances it adds up to.
CREATE TABLE wallet_entries (
    entry_id   uuid PRIMARY KEY,
    user_id    uuid NOT NULL REFERENCES users,
    item       text NOT NULL,
    amount     integer NOT NULL CHECK (amount <> 0),
    cause      uuid NOT NULL UNIQUE REFERENCES reward_claims (id),
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX wallet_entries_user_id_item_idx ON wallet_entries (user_id, item);

CREATE TABLE wallet_balances (
    user_id uuid NOT NULL REFERENCES users,
    item    text NOT NULL,
    balance integer NOT NULL CHECK (balance >= 0),
    PRIMARY KEY (user_id, item)
);
