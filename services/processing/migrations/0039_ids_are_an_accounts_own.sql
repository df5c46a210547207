-- An event is named by the account that published it and the id that it chose; the
-- nil UUID stands for our own services. Rows from before say of no event of a game
-- server whose it is: they are known to every account (event_find_known).
ALTER TABLE events
    ADD COLUMN account_id uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
    ADD COLUMN contents uuid;

COMMENT ON COLUMN events.account_id IS 'the service account that published it; nil: one of our services';
COMMENT ON COLUMN events.contents IS 'digest of type, user and payload of what an account published';

ALTER TABLE events DROP CONSTRAINT events_pkey;
ALTER TABLE events ADD CONSTRAINT events_pkey PRIMARY KEY (id, account_id);
