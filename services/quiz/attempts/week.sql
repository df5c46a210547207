-- Statements of week.c. A week ends 168 hours behind its beginning; an interval of days
-- would be of the session's time zone.

-- The earliest week that is not closed, if it can be: when it ends, and the attempts that
-- ended in it.
-- $1 how long behind its end, in milliseconds
-- name: week_find_next
WITH next AS (
    SELECT coalesce((SELECT max(ends_at) FROM weeks),
                    (SELECT date_trunc('week', min(submitted_at) AT TIME ZONE 'UTC')
                            AT TIME ZONE 'UTC' FROM attempts)) AS begins_at)
SELECT to_char(begins_at AT TIME ZONE 'UTC', 'IYYY"-W"IW'),
       (extract(epoch FROM begins_at + interval '168 hours') * 1000)::bigint,
       (SELECT count(*) FROM attempts
        WHERE submitted_at >= begins_at AND submitted_at < begins_at + interval '168 hours')
FROM next
WHERE begins_at + interval '168 hours' + $1::bigint * interval '1 millisecond'
      <= clock_timestamp()
  AND NOT EXISTS (SELECT FROM attempts WHERE state = 'IN_PROGRESS'
                  AND deadline_at < begins_at + interval '168 hours');

-- $1 week, $2 ends_at, $3 attempts
-- name: week_insert
INSERT INTO weeks (week, ends_at, attempts) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING;

-- Closed weeks, with the attempts of users who have an account.
-- $1 ended at this time or later
-- name: week_list
SELECT week,
       (SELECT count(*) FROM attempts
        WHERE submitted_at >= ends_at - interval '168 hours' AND submitted_at < ends_at
          AND NOT EXISTS (SELECT FROM departed WHERE departed.user_id = attempts.user_id))
FROM weeks WHERE ends_at >= $1::timestamptz ORDER BY ends_at;
