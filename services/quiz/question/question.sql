-- Statements of the question bank.

-- These revisions, in their order. $1 question_ids, $2 revisions
-- name: question_load
SELECT document
FROM unnest($1::uuid[], $2::bigint[]) WITH ORDINALITY AS key (question_id, revision, place)
    JOIN question_revisions USING (question_id, revision)
ORDER BY place
