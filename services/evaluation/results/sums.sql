-- Statements of sums_store.c: sums over attempts, which each attempt is added to once, and what
-- users have reached.

-- Returns what has come of each quiz so far.
-- $1 quiz ids, each once, $2 players, $3 attempts, $4 passed ones, $5 basis points: those to add
-- name: sums_add_quizzes
INSERT INTO quiz_stats (quiz_id, players, attempts, passed_attempts, sum_basis_points)
SELECT * FROM unnest($1::uuid[], $2::integer[], $3::integer[], $4::integer[], $5::bigint[])
ON CONFLICT (quiz_id) DO UPDATE
SET players = quiz_stats.players + excluded.players,
    attempts = quiz_stats.attempts + excluded.attempts,
    passed_attempts = quiz_stats.passed_attempts + excluded.passed_attempts,
    sum_basis_points = quiz_stats.sum_basis_points + excluded.sum_basis_points
RETURNING quiz_id, players, attempts, passed_attempts, sum_basis_points / attempts

-- $1 quiz ids, $2 question ids, $3 revisions, $4 greatest scores, $5 scores x, $6 shares y: one
-- of each for every question of every first attempt
-- name: sums_add_questions
INSERT INTO question_stats (quiz_id, question_id, question_revision, max_millipoints, n, sum_x,
    sum_xx, sum_y, sum_yy, sum_xy)
SELECT q.quiz_id, q.question_id, q.revision, max(q.max_millipoints), count(*), sum(q.x),
    sum(q.x * q.x), sum(q.y), sum(q.y * q.y), sum(q.x * q.y)
FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::integer[], $5::bigint[], $6::bigint[])
    AS q (quiz_id, question_id, revision, max_millipoints, x, y)
GROUP BY q.quiz_id, q.question_id, q.revision
ORDER BY q.quiz_id, q.question_id, q.revision
ON CONFLICT (quiz_id, question_id, question_revision) DO UPDATE
SET n = question_stats.n + excluded.n,
    sum_x = question_stats.sum_x + excluded.sum_x,
    sum_xx = question_stats.sum_xx + excluded.sum_xx,
    sum_y = question_stats.sum_y + excluded.sum_y,
    sum_yy = question_stats.sum_yy + excluded.sum_yy,
    sum_xy = question_stats.sum_xy + excluded.sum_xy

-- What users have reached by now, under one number, which is greater than all before.
-- $1 user ids
-- name: sums_list_totals
SELECT t.user_id, (SELECT nextval('announcement_seq')), s.attempts, s.quizzes, s.quizzes_passed,
    s.millipoints, s.average_basis_points
FROM (SELECT DISTINCT u.user_id FROM unnest($1::uuid[]) AS u (user_id)) AS t
CROSS JOIN LATERAL (
    SELECT sum(r.attempts) AS attempts, count(*) AS quizzes,
        count(*) FILTER (WHERE r.passed_attempts > 0) AS quizzes_passed,
        least(coalesce(sum(r.millipoints) FILTER (WHERE NOT r.is_practice), 0), 2147483647)
            AS millipoints,
        div(sum(r.sum_basis_points), sum(r.attempts)) AS average_basis_points
    FROM quiz_results AS r
    WHERE r.user_id = t.user_id AND r.period = 'all'
) AS s
