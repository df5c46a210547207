-- Statements of answer_store.c.

-- Saves answers; what is saved now is returned, in the order of numbers. One with a sequence
-- that is not above the saved one's changes nothing.
-- $1 attempt_id, $2 numbers, $3 choices as texts of arrays, $4 texts, $5 sequences
-- name: answer_save
INSERT INTO attempt_answers AS saved (attempt_id, number, choices, text, sequence, saved_at)
SELECT $1::uuid, given.number, given.choices::smallint[], given.text, given.sequence,
       date_trunc('milliseconds', clock_timestamp())
FROM unnest($2::smallint[], $3::text[], $4::text[], $5::bigint[])
    AS given (number, choices, text, sequence)
ORDER BY given.number
ON CONFLICT (attempt_id, number) DO UPDATE
SET choices = CASE WHEN excluded.sequence = 0 OR excluded.sequence > saved.sequence
                   THEN excluded.choices ELSE saved.choices END,
    text = CASE WHEN excluded.sequence = 0 OR excluded.sequence > saved.sequence
                THEN excluded.text ELSE saved.text END,
    sequence = CASE WHEN excluded.sequence = 0 OR excluded.sequence > saved.sequence
                    THEN excluded.sequence ELSE saved.sequence END,
    saved_at = CASE WHEN excluded.sequence = 0 OR excluded.sequence > saved.sequence
                    THEN excluded.saved_at ELSE saved.saved_at END
RETURNING number, choices, text, sequence, (extract(epoch FROM saved_at) * 1000)::bigint;

-- $1 attempt_id
-- name: answer_list
SELECT number, choices, text, sequence, (extract(epoch FROM saved_at) * 1000)::bigint
FROM attempt_answers WHERE attempt_id = $1 ORDER BY number;
