-- Statements of check.c. Each returns, of the rows that differ, how many there are, table,
-- key, and what is stored and computed; $1 rows at most.

-- Results from attempts. Of all attempts at once, and by sorting: another way than that of
-- the transaction of a batch.
-- name: check_results
WITH counted AS (
    SELECT a.*, p.period
    FROM attempts AS a CROSS JOIN LATERAL (VALUES ('all'), (a.week)) AS p (period)
    WHERE NOT EXISTS (SELECT FROM weeks WHERE weeks.week = p.period AND weeks.state = 'FINAL')
), sorted AS (
    SELECT user_id, quiz_id, period, count(*) AS n,
        count(*) FILTER (WHERE is_passed) AS n_passed,
        max(basis_points) AS best, sum(basis_points) AS sum_basis_points,
        sum(duration_ms) AS sum_duration_ms, sum(worth_millipoints) AS sum_worth,
        array_agg(worth_millipoints ORDER BY worth_millipoints DESC, submitted_at) AS by_worth,
        array_agg(submitted_at ORDER BY worth_millipoints DESC, submitted_at) AS times_by_worth,
        array_agg(worth_millipoints ORDER BY submitted_at DESC, attempt_id DESC) AS by_time,
        array_agg(submitted_at ORDER BY submitted_at DESC, attempt_id DESC) AS times,
        array_agg(category ORDER BY submitted_at DESC, attempt_id DESC) AS categories,
        array_agg(grading ORDER BY submitted_at DESC, attempt_id DESC) AS gradings,
        array_agg(is_practice ORDER BY submitted_at DESC, attempt_id DESC) AS practices
    FROM counted
    GROUP BY user_id, quiz_id, period
), computed AS (
    SELECT user_id, quiz_id, period,
        concat_ws(' ', categories[1], practices[1], n, n_passed, best, sum_basis_points,
            sum_duration_ms,
            CASE gradings[1] WHEN 'BEST' THEN by_worth[1] WHEN 'LAST' THEN by_time[1]
                ELSE sum_worth / n END,
            CASE gradings[1] WHEN 'BEST' THEN times_by_worth[1] ELSE times[1] END, times[1])
            AS cells
    FROM sorted
), stored AS (
    SELECT user_id, quiz_id, period,
        concat_ws(' ', category, is_practice, attempts, passed_attempts, best_basis_points,
            sum_basis_points, sum_duration_ms, millipoints, reached_at, last_submitted_at)
            AS cells
    FROM quiz_results AS r
    WHERE NOT EXISTS (SELECT FROM weeks WHERE weeks.week = r.period AND weeks.state = 'FINAL')
)
SELECT count(*) OVER (), 'quiz_results', concat_ws(' ', user_id, quiz_id, period), stored.cells,
    computed.cells
FROM stored FULL JOIN computed USING (user_id, quiz_id, period)
WHERE stored.cells IS DISTINCT FROM computed.cells
ORDER BY user_id, quiz_id, period
LIMIT $1

-- Entries of boards from results. Who is not listed may have no row any more.
-- name: check_boards
WITH counted AS (
    SELECT b.board, r.period, r.user_id, r.millipoints, r.reached_at
    FROM quiz_results AS r
    CROSS JOIN LATERAL (
        VALUES ('overall'), ('category.' || r.category), ('quiz.' || r.quiz_id)
    ) AS b (board)
    WHERE NOT r.is_practice
        AND NOT EXISTS (SELECT FROM weeks WHERE weeks.week = r.period AND weeks.state = 'FINAL')
), computed AS (
    SELECT c.board, c.period, c.user_id,
        concat_ws(' ', least(sum(c.millipoints), 2147483647), max(c.reached_at)) AS cells
    FROM counted AS c JOIN players AS p USING (user_id)
    WHERE NOT (p.is_banned OR p.is_deleted)
    GROUP BY c.board, c.period, c.user_id
), stored AS (
    SELECT board, period, user_id, concat_ws(' ', millipoints, reached_at) AS cells
    FROM board_scores WHERE is_listed
)
SELECT count(*) OVER (), 'board_scores', concat_ws(' ', board, period, user_id), stored.cells,
    computed.cells
FROM stored FULL JOIN computed USING (board, period, user_id)
WHERE stored.cells IS DISTINCT FROM computed.cells
ORDER BY board, period, user_id
LIMIT $1

-- name: check_weeks
WITH computed AS (SELECT week, count(*) AS counted FROM attempts GROUP BY week)
SELECT count(*) OVER (), 'weeks', week, weeks.counted::text, computed.counted::text
FROM weeks FULL JOIN computed USING (week)
WHERE coalesce(weeks.counted, -1) <> coalesce(computed.counted, 0)
ORDER BY week
LIMIT $1

-- name: check_quizzes
WITH computed AS (
    SELECT quiz_id, concat_ws(' ', count(DISTINCT user_id), count(*),
        count(*) FILTER (WHERE is_passed), sum(basis_points)) AS cells
    FROM attempts GROUP BY quiz_id
), stored AS (
    SELECT quiz_id, concat_ws(' ', players, attempts, passed_attempts, sum_basis_points) AS cells
    FROM quiz_stats
)
SELECT count(*) OVER (), 'quiz_stats', quiz_id::text, stored.cells, computed.cells
FROM stored FULL JOIN computed USING (quiz_id)
WHERE stored.cells IS DISTINCT FROM computed.cells
ORDER BY quiz_id
LIMIT $1
