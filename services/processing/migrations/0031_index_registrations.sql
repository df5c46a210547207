-- Events of quests that go by days wait for their user's registration: whether it is
-- there is asked of every user of a batch.
CREATE INDEX events_registration_idx ON events (user_id, seq)
    WHERE event_type = 'UserRegistered';
