-- When a relay last waited for the lease: who holds it then looks often, since rows come
-- from other processes too.
ALTER TABLE relay_lease
    ADD COLUMN waited_at timestamptz NOT NULL DEFAULT '-infinity';
