-- Statements of draft.c. A draft is a questline.quiz.v1.GetQuizDraftResponse as document.

-- $1 quiz_id, $2 draft
-- name: draft_insert
INSERT INTO quizzes (quiz_id, state, draft, draft_revision, revision, published_version)
VALUES ($1, 'DRAFT', $2::json, 1, 0, 0)

-- $1 quiz_id
-- name: draft_get
SELECT draft, draft_revision FROM quizzes WHERE quiz_id = $1

-- $1 quiz_id
-- name: draft_lock
SELECT draft, draft_revision FROM quizzes WHERE quiz_id = $1 FOR NO KEY UPDATE

-- $1 quiz_id, $2 draft, $3 draft_revision
-- name: draft_put
UPDATE quizzes SET draft = $2::json, draft_revision = $3 WHERE quiz_id = $1

-- Questions that are not there, with their places from 1. $1 question_ids
-- name: draft_missing
SELECT place
FROM unnest($1::uuid[]) WITH ORDINALITY AS wanted (question_id, place)
    LEFT JOIN questions USING (question_id)
WHERE revision IS NULL
ORDER BY place
