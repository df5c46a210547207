-- Statements of departure.c.

-- Waits for attempts that begin at this moment, so that the next statement sees them, and
-- keeps others from beginning (attempt_prepare).
-- $1 user_id
-- name: departure_lock
SELECT FROM pg_advisory_xact_lock(hashtextextended($1, 0));

-- $1 user_id
-- name: departure_insert
INSERT INTO departed (user_id) VALUES ($1) ON CONFLICT DO NOTHING;

-- $1 user_id
-- name: departure_discard
UPDATE attempts SET state = 'DISCARDED' WHERE user_id = $1 AND state = 'IN_PROGRESS';

-- $1 user_id
-- name: departure_delete_answers
DELETE FROM attempt_answers USING attempts
WHERE attempts.user_id = $1 AND attempt_answers.attempt_id = attempts.attempt_id;
