-- Statements of the question bank. A row goes in as the question's document, and comes out
-- as one.

-- The newest revision, and its copy that is kept. The digest is of what an author writes;
-- jsonb has one text for one content. $1 the document
-- name: question_put
WITH stored AS (
    INSERT INTO questions
        (question_id, revision, type, category, tags, points, archived, digest, document)
    SELECT question_id, revision, type, category, coalesce(tags, '{}'), points,
        coalesce(archived, false),
        sha256(convert_to(($1::jsonb - '{question_id,revision,revised_at,archived,etag}'::text[])::text,
                          'UTF8')),
        $1::json
    FROM json_to_record($1::json) AS row (question_id uuid, revision bigint, type text,
        category text, tags text[], points integer, archived boolean)
    ON CONFLICT (question_id) DO UPDATE
    SET revision = excluded.revision, category = excluded.category, tags = excluded.tags,
        points = excluded.points, archived = excluded.archived, digest = excluded.digest,
        document = excluded.document
    WHERE questions.revision = excluded.revision - 1
    RETURNING question_id, revision, document
)
INSERT INTO question_revisions (question_id, revision, document)
SELECT question_id, revision, document FROM stored

-- $1 question_id
-- name: question_get
SELECT document FROM questions WHERE question_id = $1

-- $1 question_id
-- name: question_lock
SELECT document FROM questions WHERE question_id = $1 FOR NO KEY UPDATE

-- $1 question_id, $2 revision
-- name: question_get_revision
SELECT document FROM question_revisions WHERE question_id = $1 AND revision = $2

-- These revisions, in their order. $1 question_ids, $2 revisions
-- name: question_load
SELECT document
FROM unnest($1::uuid[], $2::bigint[]) WITH ORDINALITY AS key (question_id, revision, place)
    JOIN question_revisions USING (question_id, revision)
ORDER BY place

-- A page by question id; documents behind so many bytes are NULL. $1 the question_id to
-- begin behind, $2 rows at most, $3 bytes, $4 archived ones too, $5 type, '' for all
-- name: question_list
SELECT question_id,
    CASE WHEN sum(octet_length(document::text)) OVER (ORDER BY question_id)
              - octet_length(document::text) < $3::bigint THEN document END
FROM (SELECT question_id, document FROM questions
      WHERE question_id > $1::uuid AND ($4::boolean OR NOT archived)
          AND ($5::text = '' OR type = $5)
      ORDER BY question_id LIMIT $2::int) AS page
ORDER BY question_id

-- The same of a category, $6.
-- name: question_list_category
SELECT question_id,
    CASE WHEN sum(octet_length(document::text)) OVER (ORDER BY question_id)
              - octet_length(document::text) < $3::bigint THEN document END
FROM (SELECT question_id, document FROM questions
      WHERE question_id > $1::uuid AND ($4::boolean OR NOT archived)
          AND ($5::text = '' OR type = $5) AND category = $6
      ORDER BY question_id LIMIT $2::int) AS page
ORDER BY question_id

-- The same with a tag, $7, of a category or, for '', of all.
-- name: question_list_tag
SELECT question_id,
    CASE WHEN sum(octet_length(document::text)) OVER (ORDER BY question_id)
              - octet_length(document::text) < $3::bigint THEN document END
FROM (SELECT question_id, document FROM questions
      WHERE question_id > $1::uuid AND ($4::boolean OR NOT archived)
          AND ($5::text = '' OR type = $5) AND ($6::text = '' OR category = $6)
          AND tags @> ARRAY[$7::text]
      ORDER BY question_id LIMIT $2::int) AS page
ORDER BY question_id
