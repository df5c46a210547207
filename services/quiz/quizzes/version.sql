-- Statements of version.c.

-- $1 quiz_id
-- name: version_find_published
SELECT state, published_version FROM quizzes WHERE quiz_id = $1

-- A row for each candidate, in order: the metadata is in the first one alone.
-- $1 quiz_id, $2 version
-- name: version_load
SELECT slot, count, question_id, revision,
    CASE WHEN slot = 1 AND place = 1 THEN quiz END
FROM quiz_versions
    JOIN quiz_version_slots USING (quiz_id, version),
    unnest(question_ids, revisions) WITH ORDINALITY AS candidate (question_id, revision, place)
WHERE quiz_id = $1 AND version = $2
ORDER BY slot, place

-- $1 quiz_id, $2 version, $3 the quiz as bytes
-- name: version_insert
INSERT INTO quiz_versions (quiz_id, version, quiz) VALUES ($1, $2, $3)

-- $1 quiz_id, $2 version, $3 slot, $4 question_ids, $5 revisions, $6 count
-- name: version_insert_slot
INSERT INTO quiz_version_slots (quiz_id, version, slot, question_ids, revisions, count)
VALUES ($1, $2, $3, $4, $5, $6)
