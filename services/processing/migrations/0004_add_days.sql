-- Daily quests: the day that counted last, by the calendar of the user's zone.
ALTER TABLE user_quest_rewards ADD COLUMN last_day date;
COMMENT ON COLUMN user_quest_rewards.last_day IS 'the day that counted last, of a quest that counts days';

-- Each event that counts updates a row: with room on its page no index has to
-- follow.
ALTER TABLE user_quest_rewards SET (fillfactor = 70);

-- A user's zone is what the last of these rows says, and of most users there is
-- none: they are in UTC.
CREATE INDEX events_user_state_idx ON events (user_id, seq)
    WHERE event_type IN ('UserChanged', 'UserDeleted')
        OR (event_type = 'UserRegistered' AND payload ->> 'timeZone' <> '');
