-- Statements of service_account_store.c.

-- $1 service_account_id, $2 display_name, $3 event_types
-- name: service_account_insert
INSERT INTO service_accounts (service_account_id, display_name, event_types)
VALUES ($1, $2, $3::text[])
RETURNING (extract(epoch FROM created_at) * 1000)::bigint;

-- $1 service_account_id
-- name: service_account_lock
SELECT service_account_id, display_name, array_to_string(event_types, ' '), disabled,
       (extract(epoch FROM created_at) * 1000)::bigint
FROM service_accounts WHERE service_account_id = $1 FOR UPDATE;

-- $1 the id to begin behind, $2 rows at most
-- name: service_account_list
SELECT service_account_id, display_name, array_to_string(event_types, ' '), disabled,
       (extract(epoch FROM created_at) * 1000)::bigint
FROM service_accounts WHERE service_account_id > $1::uuid ORDER BY service_account_id LIMIT $2::int;

-- $1 service_account_id
-- name: service_account_revoke_tokens
UPDATE service_accounts SET token_generation = token_generation + 1
WHERE service_account_id = $1
RETURNING token_generation;

-- $1 service_account_id
-- name: service_account_disable
UPDATE service_accounts SET disabled = true WHERE service_account_id = $1;
