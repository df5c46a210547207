-- A backfill in steps asks which revision of its quest stood at a row.
CREATE INDEX events_quest_revision_idx ON events (lower(payload #>> '{quest,questId}'), seq)
    WHERE event_type = 'QuestChanged';
