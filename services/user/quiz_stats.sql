-- Statements of quiz_stats.c.

-- Whose accounts are there, locked until the totals are stored: none of them is deleted
-- meanwhile. In the order of the ids, as user_lock_many.
-- $1 user_ids
-- name: quiz_stats_lock_users
SELECT user_id FROM users WHERE user_id = ANY($1::uuid[]) AND status <> 'DELETED'
ORDER BY user_id FOR SHARE;

-- Totals arrive more than once and in any order; those with the greatest sequence hold.
-- $1 user_ids, $2 sequences, $3 attempts, $4 quizzes, $5 quizzes_passed, $6 millipoints,
-- $7 average_basis_points, $8 user_ids whose accounts are there
-- name: quiz_stats_put
INSERT INTO quiz_stats (user_id, sequence, attempts, quizzes, quizzes_passed, millipoints,
                        average_basis_points)
SELECT DISTINCT ON (user_id) user_id, sequence, attempts, quizzes, quizzes_passed, millipoints,
       average_basis_points
FROM unnest($1::uuid[], $2::bigint[], $3::int[], $4::int[], $5::int[], $6::int[], $7::int[])
     AS given (user_id, sequence, attempts, quizzes, quizzes_passed, millipoints,
               average_basis_points)
WHERE user_id = ANY($8::uuid[])
ORDER BY user_id, sequence DESC
ON CONFLICT (user_id) DO UPDATE
SET sequence = excluded.sequence, attempts = excluded.attempts, quizzes = excluded.quizzes,
    quizzes_passed = excluded.quizzes_passed, millipoints = excluded.millipoints,
    average_basis_points = excluded.average_basis_points
WHERE quiz_stats.sequence < excluded.sequence;

-- $1 user_id
-- name: quiz_stats_delete
DELETE FROM quiz_stats WHERE user_id = $1;
