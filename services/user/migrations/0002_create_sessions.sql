-- Sessions. Of the refresh token only the SHA-256 is stored.
CREATE TABLE sessions (
    session_id   uuid PRIMARY KEY,
    user_id      uuid NOT NULL REFERENCES users,
    refresh_hash bytea NOT NULL UNIQUE CHECK (octet_length(refresh_hash) = 32),
    created_at   timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL
);

CREATE INDEX sessions_user_id_created_at_idx ON sessions (user_id, created_at);
