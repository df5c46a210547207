-- Labels of a quest, and the lists by them. A list by label reads, besides, what was
-- revised a moment ago: it may be published as it was before.
ALTER TABLE quests          ADD COLUMN labels jsonb;
ALTER TABLE quest_revisions ADD COLUMN labels jsonb;
CREATE INDEX quests_labels_idx ON quests USING gin (labels jsonb_path_ops);
CREATE INDEX quests_revised_idx ON quests (revised_at);
SELECT ql_grant('UPDATE (labels) ON quests');
