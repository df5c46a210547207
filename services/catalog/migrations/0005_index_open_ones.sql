-- Lists of what is not archived, and of what was archived a moment ago, read no row
-- beyond those, however many are archived.
CREATE INDEX quests_open_idx ON quests (quest_id) WHERE NOT archived;
CREATE INDEX quests_archived_idx ON quests (revised_at) WHERE archived;
CREATE INDEX rewards_open_idx ON rewards (reward_id) WHERE NOT archived;
CREATE INDEX rewards_archived_idx ON rewards (revised_at) WHERE archived;
