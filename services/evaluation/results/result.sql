-- Statements of result_store.c: the transaction of a batch. Each is set-based: arrays go in,
-- and whatever depends on attempts is computed again from all attempts concerned.

-- One transaction at a time, so numbers of sequences grow in the order of the commits and
-- nothing that is read here changes before it is written. Plans are made when a connection
-- is young and kept while tables grow: none may read a table to its end.
-- $1 the lock
-- name: result_lock
SELECT pg_advisory_xact_lock($1), set_config('enable_seqscan', 'off', true),
    set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true),
    set_config('jit', 'off', true)

-- $1 user ids
-- name: result_add_players
INSERT INTO players (user_id)
SELECT DISTINCT p.user_id FROM unnest($1::uuid[]) AS p (user_id) ORDER BY p.user_id
ON CONFLICT (user_id) DO NOTHING

-- Nobody who was deleted comes back. Returns who has changed.
-- $1 user ids, each once, $2 banned: 1 yes, 0 no, NULL as it was, $3 deleted: 1 yes
-- name: result_change_players
UPDATE players
SET is_banned = coalesce(c.is_banned <> 0, players.is_banned),
    is_deleted = players.is_deleted OR c.is_deleted <> 0
FROM unnest($1::uuid[], $2::integer[], $3::integer[]) AS c (user_id, is_banned, is_deleted)
WHERE players.user_id = c.user_id
    AND (players.is_banned, players.is_deleted) IS DISTINCT FROM
        (coalesce(c.is_banned <> 0, players.is_banned), players.is_deleted OR c.is_deleted <> 0)
RETURNING players.user_id

-- Standings keep the places of users who were deleted, and not who that was.
-- $1 user ids
-- name: result_forget_in_standings
UPDATE week_standings SET user_id = NULL WHERE user_id = ANY ($1::uuid[])

-- Returns those that were not there.
-- $1-$15 the columns
-- name: result_insert_attempts
INSERT INTO attempts (attempt_id, user_id, quiz_id, category, ordinal, submitted_at, week,
    duration_ms, millipoints, max_millipoints, basis_points, is_passed, grading, is_practice,
    worth_millipoints)
SELECT a.attempt_id, a.user_id, a.quiz_id, a.category, a.ordinal, a.submitted_at, a.week,
    a.duration_ms, a.millipoints, a.max_millipoints, a.basis_points, a.is_passed <> 0, a.grading,
    a.is_practice <> 0, a.worth_millipoints
FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::integer[], $6::timestamptz[],
        $7::text[], $8::bigint[], $9::integer[], $10::integer[], $11::integer[], $12::integer[],
        $13::text[], $14::integer[], $15::integer[])
    AS a (attempt_id, user_id, quiz_id, category, ordinal, submitted_at, week, duration_ms,
        millipoints, max_millipoints, basis_points, is_passed, grading, is_practice,
        worth_millipoints)
ON CONFLICT (attempt_id) DO NOTHING
RETURNING attempt_id

-- $1 weeks of attempts, one for each
-- name: result_count_weeks
INSERT INTO weeks (week, counted)
SELECT w.week, count(*) FROM unnest($1::text[]) AS w (week) GROUP BY w.week ORDER BY w.week
ON CONFLICT (week) DO UPDATE SET counted = weeks.counted + excluded.counted
RETURNING week, state = 'FINAL', expected IS NOT NULL

-- $1 weeks, $2 how many attempts ended in each
-- name: result_close_weeks
INSERT INTO weeks (week, expected, state)
SELECT w.week, max(w.expected), 'CLOSING'
FROM unnest($1::text[], $2::bigint[]) AS w (week, expected) GROUP BY w.week ORDER BY w.week
ON CONFLICT (week) DO UPDATE
SET expected = excluded.expected,
    state = CASE weeks.state WHEN 'FINAL' THEN 'FINAL' ELSE 'CLOSING' END

-- What a user's attempts at a quiz come to, of all time and of one week. Grading, category
-- and practice are the quiz's and the same in all of them.
-- $1 user ids, $2 quiz ids, $3 weeks (NULL: one that is FINAL)
-- name: result_refresh_results
WITH touched AS (
    SELECT DISTINCT t.user_id, t.quiz_id, p.period
    FROM unnest($1::uuid[], $2::uuid[], $3::text[]) AS t (user_id, quiz_id, week)
    CROSS JOIN LATERAL (VALUES ('all'), (t.week)) AS p (period)
    WHERE p.period IS NOT NULL
)
INSERT INTO quiz_results (user_id, quiz_id, period, category, is_practice, attempts,
    passed_attempts, best_basis_points, sum_basis_points, sum_duration_ms, millipoints, reached_at,
    last_submitted_at)
SELECT t.user_id, t.quiz_id, t.period, latest.category, latest.is_practice, s.attempts,
    s.passed_attempts, s.best_basis_points, s.sum_basis_points, s.sum_duration_ms,
    CASE latest.grading
        WHEN 'BEST' THEN s.best_worth
        WHEN 'LAST' THEN latest.worth_millipoints
        ELSE s.sum_worth / s.attempts
    END,
    CASE latest.grading WHEN 'BEST' THEN s.best_reached_at ELSE latest.submitted_at END,
    latest.submitted_at
FROM touched AS t
CROSS JOIN LATERAL (
    SELECT a.category, a.is_practice, a.grading, a.worth_millipoints, a.submitted_at
    FROM attempts AS a
    WHERE a.user_id = t.user_id AND a.quiz_id = t.quiz_id AND t.period IN ('all', a.week)
    ORDER BY a.submitted_at DESC, a.attempt_id DESC
    LIMIT 1
) AS latest
CROSS JOIN LATERAL (
    SELECT count(*) AS attempts,
        count(*) FILTER (WHERE a.is_passed) AS passed_attempts,
        max(a.basis_points) AS best_basis_points,
        sum(a.basis_points) AS sum_basis_points,
        sum(a.duration_ms)::bigint AS sum_duration_ms,
        max(a.worth_millipoints) AS best_worth,
        sum(a.worth_millipoints) AS sum_worth,
        (array_agg(a.submitted_at ORDER BY a.worth_millipoints DESC, a.submitted_at))[1]
            AS best_reached_at
    FROM attempts AS a
    WHERE a.user_id = t.user_id AND a.quiz_id = t.quiz_id AND t.period IN ('all', a.week)
) AS s
ORDER BY t.user_id, t.period, t.quiz_id
ON CONFLICT (user_id, period, quiz_id) DO UPDATE
SET category = excluded.category, is_practice = excluded.is_practice,
    attempts = excluded.attempts, passed_attempts = excluded.passed_attempts,
    best_basis_points = excluded.best_basis_points,
    sum_basis_points = excluded.sum_basis_points, sum_duration_ms = excluded.sum_duration_ms,
    millipoints = excluded.millipoints, reached_at = excluded.reached_at,
    last_submitted_at = excluded.last_submitted_at
RETURNING user_id, quiz_id, period, attempts, passed_attempts

-- The entries that follow from results. One that differs gets the next number of the log.
-- Returns the boards that have changed.
-- $1 user ids, $2 quiz ids, $3 periods: results that have changed
-- $4 users who have come to a board or left it: all their entries of weeks that are not FINAL
-- name: result_refresh_boards
WITH touched AS MATERIALIZED (
    SELECT r.user_id, r.period, r.quiz_id, r.category, r.millipoints, r.reached_at,
        NOT (p.is_banned OR p.is_deleted) AS is_listed
    FROM (SELECT DISTINCT t.user_id, t.quiz_id, t.period
          FROM unnest($1::uuid[], $2::uuid[], $3::text[]) AS t (user_id, quiz_id, period)) AS t
    JOIN quiz_results AS r USING (user_id, period, quiz_id)
    JOIN players AS p USING (user_id)
    WHERE NOT r.is_practice
    UNION
    SELECT r.user_id, r.period, r.quiz_id, r.category, r.millipoints, r.reached_at,
        NOT (p.is_banned OR p.is_deleted)
    FROM unnest($4::uuid[]) AS u (user_id)
    JOIN quiz_results AS r USING (user_id)
    JOIN players AS p USING (user_id)
    WHERE NOT r.is_practice
        AND NOT EXISTS (SELECT FROM weeks WHERE weeks.week = r.period AND weeks.state = 'FINAL')
), sums AS (
    -- Of a user and period in one pass: everything, and one of the categories.
    SELECT t.user_id, t.period, t.category, t.is_listed, s.*,
        row_number() OVER (PARTITION BY t.user_id, t.period) AS place
    FROM (SELECT DISTINCT user_id, period, category, is_listed FROM touched) AS t
    CROSS JOIN LATERAL (
        SELECT sum(r.millipoints) AS millipoints, max(r.reached_at) AS reached_at,
            sum(r.millipoints) FILTER (WHERE r.category = t.category) AS category_millipoints,
            max(r.reached_at) FILTER (WHERE r.category = t.category) AS category_reached_at
        FROM quiz_results AS r
        WHERE r.user_id = t.user_id AND r.period = t.period AND NOT r.is_practice
    ) AS s
), entries AS (
    SELECT 'overall' AS board, period, user_id, millipoints, reached_at, is_listed
    FROM sums WHERE place = 1
    UNION ALL
    SELECT 'category.' || category, period, user_id, category_millipoints, category_reached_at,
        is_listed
    FROM sums
    UNION ALL
    SELECT 'quiz.' || quiz_id, period, user_id, millipoints, reached_at, is_listed
    FROM touched
), written AS (
    INSERT INTO board_scores (board, period, user_id, millipoints, reached_at, is_listed,
        change_seq)
    SELECT board, period, user_id, least(millipoints, 2147483647), reached_at, is_listed,
        nextval('board_change_seq')
    FROM entries
    ON CONFLICT (board, period, user_id) DO UPDATE
    SET millipoints = excluded.millipoints, reached_at = excluded.reached_at,
        is_listed = excluded.is_listed, change_seq = excluded.change_seq
    WHERE (board_scores.millipoints, board_scores.reached_at, board_scores.is_listed)
        IS DISTINCT FROM (excluded.millipoints, excluded.reached_at, excluded.is_listed)
    RETURNING board
)
SELECT DISTINCT board FROM written
