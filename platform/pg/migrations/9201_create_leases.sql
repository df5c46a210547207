-- Leases by name: one owner at a time, until expires_at or until its session of this
-- server ends. session_of is the holder that named the session; NULL behind a pooler.
CREATE TABLE leases (
    name text PRIMARY KEY CHECK (length(name) BETWEEN 1 AND 64),
    holder uuid NOT NULL,
    expires_at timestamptz NOT NULL,
    session_of uuid,
    session_pid int,
    session_start timestamptz
) WITH (fillfactor = 10);

SELECT ql_grant('SELECT, INSERT, UPDATE, DELETE ON leases');
