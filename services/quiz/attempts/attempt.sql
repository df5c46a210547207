-- Statements of attempt_store.c. Times are of clock_timestamp(): a transaction may have
-- waited for a lock since its own began.

-- Keeps the user's deletion away until the transaction ends, and shows what decides whether
-- an attempt may begin: the time, whether the account is deleted, and the user's latest
-- attempt at the quiz, NULL for none.
-- $1 user_id, $2 quiz_id, $3 grace in milliseconds
-- name: attempt_prepare
SELECT (extract(epoch FROM date_trunc('milliseconds', clock_timestamp())) * 1000)::bigint,
       EXISTS (SELECT FROM departed WHERE departed.user_id = $1::uuid),
       latest.*
FROM pg_advisory_xact_lock_shared(hashtextextended($1, 0)) AS kept
LEFT JOIN LATERAL (
    SELECT attempt_id, user_id, quiz_id, quiz_version, ordinal, state, ended_by, seed,
           (extract(epoch FROM started_at) * 1000)::bigint,
           (extract(epoch FROM deadline_at) * 1000)::bigint,
           (extract(epoch FROM submitted_at) * 1000)::bigint,
           millipoints, max_millipoints, percent, basis_points, passed, item_millipoints,
           (extract(epoch FROM date_trunc('milliseconds', clock_timestamp())) * 1000)::bigint,
           state = 'IN_PROGRESS'
               AND clock_timestamp() > deadline_at + $3::bigint * interval '1 millisecond'
    FROM attempts WHERE user_id = $1::uuid AND quiz_id = $2::uuid
    ORDER BY ordinal DESC LIMIT 1) AS latest ON true;

-- No row when there is one in progress, or the account was deleted meanwhile.
-- $1 attempt_id, $2 user_id, $3 quiz_id, $4 quiz_version, $5 ordinal, $6 draw_algorithm,
-- $7 seed, $8 started_at, $9 deadline_at
-- name: attempt_insert
INSERT INTO attempts (attempt_id, user_id, quiz_id, quiz_version, ordinal, state,
                      draw_algorithm, seed, started_at, deadline_at)
SELECT $1::uuid, $2::uuid, $3::uuid, $4::integer, $5::integer, 'IN_PROGRESS', $6::smallint,
       $7::bytea, $8::timestamptz, $9::timestamptz
WHERE NOT EXISTS (SELECT FROM departed WHERE user_id = $2::uuid)
ON CONFLICT DO NOTHING;

-- $1 attempt_id, $2 grace in milliseconds
-- name: attempt_get
SELECT attempt_id, user_id, quiz_id, quiz_version, ordinal, state, ended_by, seed,
       (extract(epoch FROM started_at) * 1000)::bigint,
       (extract(epoch FROM deadline_at) * 1000)::bigint,
       (extract(epoch FROM submitted_at) * 1000)::bigint,
       millipoints, max_millipoints, percent, basis_points, passed, item_millipoints,
       (extract(epoch FROM date_trunc('milliseconds', clock_timestamp())) * 1000)::bigint,
       state = 'IN_PROGRESS'
           AND clock_timestamp() > deadline_at + $2::bigint * interval '1 millisecond'
FROM attempts WHERE attempt_id = $1;

-- $1 attempt_id, $2 grace in milliseconds
-- name: attempt_lock
SELECT attempt_id, user_id, quiz_id, quiz_version, ordinal, state, ended_by, seed,
       (extract(epoch FROM started_at) * 1000)::bigint,
       (extract(epoch FROM deadline_at) * 1000)::bigint,
       (extract(epoch FROM submitted_at) * 1000)::bigint,
       millipoints, max_millipoints, percent, basis_points, passed, item_millipoints,
       (extract(epoch FROM date_trunc('milliseconds', clock_timestamp())) * 1000)::bigint,
       state = 'IN_PROGRESS'
           AND clock_timestamp() > deadline_at + $2::bigint * interval '1 millisecond'
FROM attempts WHERE attempt_id = $1
FOR NO KEY UPDATE;

-- The first one that is late, behind another, and that nobody else holds: for sweepers,
-- which may be several.
-- $1 grace in milliseconds, $2 and $3 deadline_at and attempt_id of the one before
-- name: attempt_lock_late
SELECT attempt_id, user_id, quiz_id, quiz_version, ordinal, state, ended_by, seed,
       (extract(epoch FROM started_at) * 1000)::bigint,
       (extract(epoch FROM deadline_at) * 1000)::bigint,
       (extract(epoch FROM submitted_at) * 1000)::bigint,
       millipoints, max_millipoints, percent, basis_points, passed, item_millipoints,
       (extract(epoch FROM date_trunc('milliseconds', clock_timestamp())) * 1000)::bigint,
       true
FROM attempts
WHERE state = 'IN_PROGRESS'
  AND deadline_at < clock_timestamp() - $1::bigint * interval '1 millisecond'
  AND (deadline_at, attempt_id) > ($2::timestamptz, $3::uuid)
ORDER BY deadline_at, attempt_id LIMIT 1
FOR NO KEY UPDATE SKIP LOCKED;

-- Newest first: ids grow with time. $1 user_id, $2 before this attempt_id, $3 rows at most,
-- $4 quiz_id; NULL: of all quizzes
-- name: attempt_list
SELECT attempt_id, user_id, quiz_id, quiz_version, ordinal, state, ended_by, seed,
       (extract(epoch FROM started_at) * 1000)::bigint,
       (extract(epoch FROM deadline_at) * 1000)::bigint,
       (extract(epoch FROM submitted_at) * 1000)::bigint,
       millipoints, max_millipoints, percent, basis_points, passed, item_millipoints,
       (extract(epoch FROM date_trunc('milliseconds', clock_timestamp())) * 1000)::bigint,
       false
FROM attempts
WHERE user_id = $1::uuid AND attempt_id < $2::uuid AND ($4::uuid IS NULL OR quiz_id = $4::uuid)
ORDER BY attempt_id DESC LIMIT $3::int;

-- Ends one that is locked and in progress; when it ended, for who ended it.
-- $1 attempt_id, $2 state, $3 ended_by
-- name: attempt_set_ended
UPDATE attempts
SET state = $2::text, ended_by = $3::text,
    submitted_at = CASE WHEN $3::text = 'SERVER' THEN deadline_at
                        ELSE LEAST(date_trunc('milliseconds', clock_timestamp()), deadline_at) END
WHERE attempt_id = $1::uuid AND state = 'IN_PROGRESS'
RETURNING (extract(epoch FROM submitted_at) * 1000)::bigint,
          (extract(epoch FROM date_trunc('milliseconds', clock_timestamp())) * 1000)::bigint;

-- $1 attempt_id, $2 millipoints, $3 max_millipoints, $4 percent, $5 basis_points, $6 passed,
-- $7 item_millipoints
-- name: attempt_set_scored
UPDATE attempts
SET state = 'SCORED', millipoints = $2::integer, max_millipoints = $3::integer,
    percent = $4::integer, basis_points = $5::integer, passed = $6::boolean,
    item_millipoints = $7::integer[]
WHERE attempt_id = $1::uuid AND state IN ('SUBMITTED', 'EXPIRED');

-- name: attempt_count_in_progress
SELECT count(*) FROM attempts WHERE state = 'IN_PROGRESS';

-- Ended attempts of users who have an account, in the order of their ids.
-- $1 behind this attempt_id, $2 ended at this time or later, $3 rows at most
-- name: attempt_list_ended
SELECT attempt_id, user_id, quiz_id, quiz_version, ordinal, state, ended_by, seed,
       (extract(epoch FROM started_at) * 1000)::bigint,
       (extract(epoch FROM deadline_at) * 1000)::bigint,
       (extract(epoch FROM submitted_at) * 1000)::bigint,
       millipoints, max_millipoints, percent, basis_points, passed, item_millipoints,
       (extract(epoch FROM date_trunc('milliseconds', clock_timestamp())) * 1000)::bigint,
       false
FROM attempts
WHERE attempt_id > $1::uuid AND submitted_at >= $2::timestamptz
  AND NOT EXISTS (SELECT FROM departed WHERE departed.user_id = attempts.user_id)
ORDER BY attempt_id LIMIT $3::int;
