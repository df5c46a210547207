-- Statements of user_store.c.

-- $1 user_id, $2 user_name, $3 status, $4 hashed_password, $5 role, $6 time_zone
-- name: user_insert
INSERT INTO users (user_id, user_name, status, hashed_password, role, time_zone)
VALUES ($1, $2, $3, $4, $5, $6);

-- $1 user_id
-- name: user_get
SELECT user_id, user_name, gold, diamond, status, hashed_password, role, time_zone,
       token_generation, attempts, quizzes, quizzes_passed, millipoints, average_basis_points
FROM users LEFT JOIN quiz_stats USING (user_id)
WHERE user_id = $1;

-- A deleted account has no name to be found by.
-- $1 user_name, in any case of letters
-- name: user_get_by_name
SELECT user_id, user_name, gold, diamond, status, hashed_password, role, time_zone,
       token_generation, attempts, quizzes, quizzes_passed, millipoints, average_basis_points
FROM users LEFT JOIN quiz_stats USING (user_id)
WHERE lower(user_name COLLATE "C") = lower($1::text COLLATE "C") AND status <> 'DELETED';

-- $1 user_id
-- name: user_lock
SELECT user_id, user_name, gold, diamond, status, hashed_password, role, time_zone,
       token_generation, attempts, quizzes, quizzes_passed, millipoints, average_basis_points
FROM users LEFT JOIN quiz_stats USING (user_id)
WHERE user_id = $1 FOR UPDATE OF users;

-- Locks in the order of the ids, so that two batches never wait for each other.
-- $1 user_ids
-- name: user_lock_many
SELECT user_id FROM users WHERE user_id = ANY($1::uuid[]) ORDER BY user_id FOR UPDATE;

-- $1 user_id, $2 status
-- name: user_set_status
UPDATE users SET status = $2 WHERE user_id = $1;

-- In the order of the ids, as user_lock_many.
-- $1 user_id
-- name: user_lock_other_admins
SELECT user_id FROM users
WHERE role = 'admin' AND status IN ('NEW', 'ACTIVE') AND user_id <> $1
ORDER BY user_id FOR UPDATE;

-- $1 user_id
-- name: user_ban
UPDATE users SET status_before_ban = status, status = 'BANNED'
WHERE user_id = $1 AND status IN ('NEW', 'ACTIVE');

-- Who was banned by hand is taken for somebody who has signed in: a first sign-in
-- must not be announced twice.
-- $1 user_id
-- name: user_unban
UPDATE users SET status = COALESCE(status_before_ban, 'ACTIVE'), status_before_ban = NULL
WHERE user_id = $1 AND status = 'BANNED'
RETURNING status;

-- $1 user_id, $2 role
-- name: user_set_role
UPDATE users SET role = $2 WHERE user_id = $1;

-- The zone in force stays so until its next midnight: of several changes of one day
-- the last counts from then on. Returns the zone in force and that midnight, in ms.
-- $1 user_id, $2 time_zone
-- name: user_set_time_zone
UPDATE users
SET time_zone = $2,
    zone_before = CASE WHEN zone_starts_at > statement_timestamp() THEN zone_before ELSE time_zone END,
    zone_starts_at = CASE
        WHEN zone_starts_at > statement_timestamp() THEN zone_starts_at
        ELSE (date_trunc('day', statement_timestamp() AT TIME ZONE time_zone) + interval '1 day')
            AT TIME ZONE time_zone
    END
WHERE user_id = $1
RETURNING zone_before, (extract(epoch FROM zone_starts_at) * 1000)::bigint;

-- $1 user_id
-- name: user_revoke_tokens
UPDATE users SET token_generation = token_generation + 1 WHERE user_id = $1
RETURNING token_generation;

-- $1 user_id, $2 hashed_password
-- name: user_set_password
UPDATE users SET hashed_password = $2 WHERE user_id = $1;

-- $1 the user_id to begin behind, $2 rows at most
-- name: user_list
SELECT user_id, user_name, gold, diamond, status, hashed_password, role, time_zone,
       token_generation, attempts, quizzes, quizzes_passed, millipoints, average_basis_points
FROM users LEFT JOIN quiz_stats USING (user_id)
WHERE user_id > $1::uuid ORDER BY user_id LIMIT $2::int;

-- $1 the user_id to begin behind, $2 rows at most, $3 user_name
-- name: user_list_named
SELECT user_id, user_name, gold, diamond, status, hashed_password, role, time_zone,
       token_generation, attempts, quizzes, quizzes_passed, millipoints, average_basis_points
FROM users LEFT JOIN quiz_stats USING (user_id)
WHERE user_id > $1::uuid AND lower(user_name COLLATE "C") = lower($3::text COLLATE "C")
  AND status <> 'DELETED'
ORDER BY user_id LIMIT $2::int;

-- $1 user_ids
-- name: user_list_profiles
SELECT user_id, user_name FROM users
WHERE user_id = ANY($1::uuid[]) AND status <> 'DELETED' ORDER BY user_id;
