-- Statements of week_counted.c.

-- $1 week
-- name: week_ensure
INSERT INTO weeks (week) VALUES ($1) ON CONFLICT (week) DO NOTHING;

-- $1 week, $2 whether it need not have all attempts
-- name: week_finish
UPDATE weeks SET state = 'FINAL', final_seq = nextval('board_change_seq')
WHERE week = $1 AND state <> 'FINAL' AND ($2::boolean OR counted >= expected);

-- $1 week
-- name: week_write_standings
INSERT INTO week_standings (week, board, rank, shared_rank, user_id, millipoints, reached_at)
SELECT period, board, row_number() OVER places,
       rank() OVER (PARTITION BY board ORDER BY millipoints DESC),
       user_id, millipoints, reached_at
FROM board_scores
WHERE period = $1 AND period <> 'all' AND is_listed
WINDOW places AS (PARTITION BY board ORDER BY millipoints DESC,
                  (extract(epoch FROM reached_at) * 1000)::bigint, user_id);

-- $1 week
-- name: week_delete_scores
DELETE FROM board_scores WHERE period = $1 AND period <> 'all';

-- $1 week, $2 name behind which to begin, $3 rows at most
-- name: week_boards
SELECT board, max(rank) FROM week_standings WHERE week = $1 AND board > $2
GROUP BY board ORDER BY board LIMIT $3::int;

-- $1 week, $2 board, $3 the last rank
-- name: week_first_ranks
SELECT rank, shared_rank, user_id::text, millipoints FROM week_standings
WHERE week = $1 AND board = $2 AND rank <= $3::int AND user_id IS NOT NULL ORDER BY rank;
