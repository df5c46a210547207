-- Statements of week_store.c.

-- $1 week
-- name: week_is_final
SELECT EXISTS (SELECT FROM weeks WHERE week = $1 AND state = 'FINAL');

-- $1 the newest week, $2 rows at most
-- name: week_list
SELECT week, state FROM weeks WHERE week <= $1 ORDER BY week DESC LIMIT $2::int;

-- name: week_count_states
SELECT state, count(*) FROM weeks GROUP BY state;

-- $1 week, $2 board
-- name: week_total
SELECT coalesce(max(rank), 0) FROM week_standings WHERE week = $1 AND board = $2;

-- $1 week, $2 board, $3 how many are before, $4 rows at most
-- name: week_entries
SELECT rank, shared_rank, coalesce(user_id::text, ''), millipoints,
       (extract(epoch FROM reached_at) * 1000)::bigint
FROM week_standings
WHERE week = $1 AND board = $2 AND rank > $3::int AND rank <= $3::int + $4::int
ORDER BY rank;

-- How many are up to a place: the user's rank, or where the user would be who has left.
-- $1 week, $2 board, $3 user_id, $4 millipoints, $5 reached_at
-- name: week_rank_of_position
SELECT coalesce(
    (SELECT rank FROM week_standings WHERE week = $1 AND board = $2 AND user_id = $3::uuid),
    (SELECT count(*)::int FROM week_standings
     WHERE week = $1 AND board = $2
       AND (millipoints > $4::int OR millipoints = $4::int AND reached_at <= $5::timestamptz)));

-- $1 week, $2 board, $3 user_id
-- name: week_rank_of_user
SELECT rank FROM week_standings WHERE week = $1 AND board = $2 AND user_id = $3::uuid;

-- Names of boards, from one to the next in the index.
-- $1 name behind which to begin, $2 rows at most
-- name: board_names
WITH RECURSIVE names AS (
    (SELECT board FROM board_scores WHERE board > $1 ORDER BY board LIMIT 1)
    UNION ALL
    SELECT (SELECT board FROM board_scores WHERE board > names.board ORDER BY board LIMIT 1)
    FROM names WHERE names.board IS NOT NULL)
SELECT board FROM names WHERE board IS NOT NULL LIMIT $2::int;
