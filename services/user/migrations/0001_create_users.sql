-- Accounts. gold and diamond mirror the balances of the wallet.
CREATE TABLE users (
    user_id         uuid PRIMARY KEY,
    user_name       text NOT NULL,
    gold            integer NOT NULL DEFAULT 0 CHECK (gold >= 0),
    diamond         integer NOT NULL DEFAULT 0 CHECK (diamond >= 0),
    status          text NOT NULL CHECK (status IN ('NEW', 'ACTIVE', 'BANNED')),
    hashed_password text NOT NULL,
    role            text NOT NULL DEFAULT 'user' CHECK (role IN ('user', 'admin')),
    created_at      timestamptz NOT NULL DEFAULT now()
);

-- Names are ASCII; "C" keeps their lower case the same under every locale.
CREATE UNIQUE INDEX users_lower_user_name_key ON users (lower(user_name COLLATE "C"));
