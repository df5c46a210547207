-- What the boards in Redis are kept by.

-- Rows of who left are deleted once Redis has followed. Whoever has followed only to a
-- number below the greatest of them cannot know all who left, and is filled anew.
ALTER TABLE board_epoch ADD COLUMN purged_seq bigint NOT NULL DEFAULT 0;

CREATE INDEX board_scores_left_idx ON board_scores (change_seq) WHERE NOT is_listed;
CREATE INDEX board_scores_week_idx ON board_scores (period) WHERE period <> 'all';

SELECT ql_grant('UPDATE (epoch, purged_seq) ON board_epoch');
