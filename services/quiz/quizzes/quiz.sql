-- Statements of quiz_kind.c: quizzes as players see them. A row is the document of a
-- questline.quiz.v1.Quiz.

-- The newest revision, and its copy that is kept. $1 the document
-- name: quiz_put
WITH stored AS (
    UPDATE quizzes
    SET state = row.state, revision = row.revision, revised_at = row.revised_at,
        published_version = coalesce(row.published_version, 0),
        category = CASE WHEN row.published_version >= 1 THEN row.category END
    FROM json_to_record($1::json) AS row (quiz_id uuid, state text, revision bigint,
        published_version integer, category text, revised_at timestamptz)
    WHERE quizzes.quiz_id = row.quiz_id AND quizzes.revision = row.revision - 1
    RETURNING quizzes.quiz_id, quizzes.revision
)
INSERT INTO quiz_revisions (quiz_id, revision, document)
SELECT quiz_id, revision, $1::json FROM stored

-- $1 quiz_id
-- name: quiz_get
SELECT document
FROM quizzes JOIN quiz_revisions USING (quiz_id, revision)
WHERE quiz_id = $1 AND published_version >= 1

-- $1 quiz_id, $2 revision
-- name: quiz_get_revision
SELECT document
FROM quizzes JOIN quiz_revisions USING (quiz_id)
WHERE quiz_id = $1 AND quiz_revisions.revision = $2 AND published_version >= 1

-- $1 the quiz_id to begin behind, $2 rows at most
-- name: quiz_list
SELECT document
FROM (SELECT quiz_id, revision FROM quizzes
      WHERE quiz_id > $1::uuid AND published_version >= 1
      ORDER BY quiz_id LIMIT $2::int) AS page
    JOIN quiz_revisions USING (quiz_id, revision)
ORDER BY quiz_id

-- Those that are published, and those that were archived a moment ago: players are shown
-- their last revision still. $1 the quiz_id to begin behind, $2 rows at most, $3 the moment,
-- in milliseconds since 1970
-- name: quiz_list_open
WITH page AS (
    (SELECT quiz_id, revision FROM quizzes
     WHERE quiz_id > $1::uuid AND state = 'PUBLISHED'
     ORDER BY quiz_id LIMIT $2::int)
    UNION ALL
    (SELECT quiz_id, revision
     FROM (SELECT quiz_id, revision FROM quizzes
           WHERE state = 'ARCHIVED' AND published_version >= 1
               AND revised_at > to_timestamp($3::bigint / 1000.0)
           ORDER BY revised_at DESC LIMIT 1000) AS recent
     WHERE quiz_id > $1::uuid)
    ORDER BY quiz_id LIMIT $2::int
)
SELECT document FROM page JOIN quiz_revisions USING (quiz_id, revision) ORDER BY quiz_id

-- Those of a category, which never changes. $1 the quiz_id to begin behind, $2 rows at most,
-- $3 the moment as in quiz_list_open, 0 for all archived ones, $4 a row with nothing but a
-- category, $5 a moment that is of no matter here
-- name: quiz_list_category
SELECT document
FROM (SELECT quiz_id, revision FROM quizzes
      WHERE quiz_id > $1::uuid AND category = $4::json ->> 'category' AND published_version >= 1
          AND (state = 'PUBLISHED' OR $3::bigint = 0
               OR revised_at > to_timestamp($3::bigint / 1000.0))
          AND $5::bigint IS NOT NULL
      ORDER BY quiz_id LIMIT $2::int) AS page
    JOIN quiz_revisions USING (quiz_id, revision)
ORDER BY quiz_id
