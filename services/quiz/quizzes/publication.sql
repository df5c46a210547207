-- Statements of publication.c.

-- The newest revisions of these questions, in their order, which nobody changes before the
-- transaction ends. $1 question_ids
-- name: publication_candidates
SELECT revision, archived, points, document
FROM unnest($1::uuid[]) WITH ORDINALITY AS wanted (question_id, place)
    JOIN questions USING (question_id)
ORDER BY place
FOR SHARE OF questions
