-- Statements on the answers that were given to keys.

-- $1 caller, $2 method, $3 key, $4 digest of the request. Touches no row when
-- the key is taken, and waits for who is taking it; a row whose time is over
-- and that nobody has deleted yet is as good as none.
-- name: idempotency_take
INSERT INTO idempotency_answers AS kept (caller, method, key, request_digest)
VALUES ($1, $2, $3, $4)
ON CONFLICT (caller, method, key) DO UPDATE
SET request_digest = EXCLUDED.request_digest, answer = NULL, taken_at = EXCLUDED.taken_at
WHERE kept.taken_at < now() - interval '24 hours';

-- $1 caller, $2 method, $3 key.
-- name: idempotency_get
SELECT request_digest, answer
FROM idempotency_answers
WHERE caller = $1 AND method = $2 AND key = $3;

-- The same before anything is taken. $1 caller, $2 method, $3 key.
-- name: idempotency_find
SELECT request_digest, answer
FROM idempotency_answers
WHERE caller = $1 AND method = $2 AND key = $3 AND taken_at >= now() - interval '24 hours';

-- $1 caller, $2 method, $3 key, $4 the answer.
-- name: idempotency_keep
UPDATE idempotency_answers
SET answer = $4::bytea
WHERE caller = $1 AND method = $2 AND key = $3 AND answer IS NULL;

-- $1 caller as a keyed digest, $2 caller as it is.
-- name: idempotency_forget
DELETE FROM idempotency_answers WHERE caller IN ($1, $2);

-- $1 how many at most. Steps over what a transaction is taking anew.
-- name: idempotency_delete_old
DELETE FROM idempotency_answers
WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM idempotency_answers
    WHERE taken_at < now() - interval '24 hours'
    ORDER BY taken_at
    LIMIT $1::int
    FOR UPDATE SKIP LOCKED));
