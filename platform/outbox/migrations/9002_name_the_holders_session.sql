-- The holder's session of this server: when it is gone, so is the holder, and nobody
-- waits for the end of the lease. session_of is the holder that named the session: a
-- release without these columns leaves in them what an earlier holder wrote.
ALTER TABLE relay_lease
    ADD COLUMN session_of uuid,
    ADD COLUMN session_pid int,
    ADD COLUMN session_start timestamptz;
