-- Statements of api_key_store.c.

-- $1 service_account_id
-- name: api_key_count_good
SELECT count(*) FROM api_keys WHERE service_account_id = $1 AND revoked_at IS NULL;

-- $1 key_id, $2 service_account_id, $3 key_hash
-- name: api_key_insert
INSERT INTO api_keys (key_id, service_account_id, key_hash) VALUES ($1, $2, $3::bytea)
RETURNING (extract(epoch FROM created_at) * 1000)::bigint;

-- $1 service_account_id, $2 rows at most
-- name: api_key_list
SELECT key_id, (extract(epoch FROM created_at) * 1000)::bigint,
       (extract(epoch FROM revoked_at) * 1000)::bigint,
       (extract(epoch FROM last_used_at) * 1000)::bigint
FROM api_keys WHERE service_account_id = $1
ORDER BY (revoked_at IS NULL) DESC, created_at DESC, key_id LIMIT $2::int;

-- The last column: whether it was good before.
-- $1 service_account_id, $2 key_id
-- name: api_key_revoke
UPDATE api_keys k SET revoked_at = coalesce(k.revoked_at, now())
FROM (SELECT key_id, revoked_at FROM api_keys
      WHERE service_account_id = $1 AND key_id = $2 FOR UPDATE) before
WHERE k.key_id = before.key_id
RETURNING k.key_id, (extract(epoch FROM k.created_at) * 1000)::bigint,
          (extract(epoch FROM k.revoked_at) * 1000)::bigint,
          (extract(epoch FROM k.last_used_at) * 1000)::bigint, before.revoked_at IS NULL;

-- The account that a good key opens.
-- $1 key_hash
-- name: api_key_find
SELECT k.key_id, a.service_account_id, array_to_string(a.event_types, ' '), a.token_generation
FROM api_keys k JOIN service_accounts a USING (service_account_id)
WHERE k.key_hash = $1::bytea AND k.revoked_at IS NULL AND NOT a.disabled;

-- Once a minute is often enough to see which keys are in use.
-- $1 key_id
-- name: api_key_touch
UPDATE api_keys SET last_used_at = now()
WHERE key_id = $1 AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute');
