-- Statements of figures.c. A row comes out with id, sequence and the figures as JSON.

-- $1 quiz_id, $2 sequence, $3 players, $4 attempts, $5 passed_attempts,
-- $6 average_basis_points
-- name: figures_put
INSERT INTO quiz_figures
    (quiz_id, sequence, players, attempts, passed_attempts, average_basis_points)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (quiz_id) DO UPDATE
SET sequence = excluded.sequence, players = excluded.players, attempts = excluded.attempts,
    passed_attempts = excluded.passed_attempts,
    average_basis_points = excluded.average_basis_points
WHERE quiz_figures.sequence < excluded.sequence

-- $1 quiz_id
-- name: figures_get
SELECT quiz_id, sequence, to_json(quiz_figures) FROM quiz_figures WHERE quiz_id = $1

-- $1 the quiz_id to begin behind, $2 rows at most
-- name: figures_list
SELECT quiz_id, sequence, to_json(quiz_figures) FROM quiz_figures
WHERE quiz_id > $1::uuid
ORDER BY quiz_id LIMIT $2::int
