-- A list of progress shows each quest as its newest revision says, whichever row of the
-- quest that is.
CREATE INDEX events_newest_revision_idx
    ON events (lower(payload #>> '{quest,questId}'), ((payload #>> '{quest,revision}')::bigint))
    WHERE event_type = 'QuestChanged';
