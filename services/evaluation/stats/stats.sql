-- Statements of stats_rpc.c: what came of attempts.

-- All quizzes first, without a category, then each category by name.
-- $1 user_id, $2 rows at most
-- name: stats_of_user
SELECT category, sum(attempts), count(*), count(*) FILTER (WHERE passed_attempts > 0),
    least(coalesce(sum(millipoints) FILTER (WHERE NOT is_practice), 0), 2147483647),
    div(sum(sum_basis_points), sum(attempts)), max(best_basis_points),
    div(sum(sum_duration_ms), sum(attempts))
FROM quiz_results
WHERE user_id = $1 AND period = 'all'
GROUP BY GROUPING SETS ((), (category))
ORDER BY category NULLS FIRST
LIMIT $2

-- $1 user_id, $2 the quiz_id behind which to begin, $3 rows at most
-- name: stats_list_quiz_results
SELECT quiz_id, category, attempts, passed_attempts > 0, best_basis_points,
    sum_basis_points / attempts, CASE WHEN is_practice THEN 0 ELSE millipoints END,
    (extract(epoch FROM reached_at) * 1000)::bigint,
    (extract(epoch FROM last_submitted_at) * 1000)::bigint
FROM quiz_results
WHERE user_id = $1 AND period = 'all' AND quiz_id > $2::uuid
ORDER BY quiz_id
LIMIT $3

-- $1 quiz_id, $2 and $3 the question_id and revision behind which to begin, $4 rows at most
-- name: stats_list_questions
SELECT question_id, question_revision, n, max_millipoints, sum_x, sum_xx, sum_y, sum_yy, sum_xy
FROM question_stats
WHERE quiz_id = $1 AND (question_id, question_revision) > ($2::uuid, $3)
ORDER BY question_id, question_revision
LIMIT $4
