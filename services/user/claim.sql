-- Statements of claim_store.c.

-- $1 id
-- name: claim_exists
SELECT EXISTS (SELECT FROM reward_claims WHERE id = $1);

-- $1 id, $2 user_id, $3 quest_id, $4 quest_revision, $5 ordinal, $6 reward_id,
-- $7 reward_item, $8 reward_qty, $9 status
-- name: claim_insert
INSERT INTO reward_claims (id, user_id, quest_id, quest_revision, ordinal, reward_id,
                           reward_item, reward_qty, status, claimed_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, CASE WHEN $9 = 'CLAIMED' THEN now() END)
ON CONFLICT DO NOTHING;

-- $1 id
-- name: claim_get
SELECT id, user_id, quest_id, quest_revision, ordinal, reward_id, reward_item, reward_qty,
       status, seq, (extract(epoch FROM created_at) * 1000)::bigint,
       (extract(epoch FROM claimed_at) * 1000)::bigint
FROM reward_claims WHERE id = $1;

-- Pays a claim that waits; returns when.
-- $1 id
-- name: claim_set_paid
UPDATE reward_claims SET status = 'CLAIMED', claimed_at = now()
WHERE id = $1 AND status = 'PENDING'
RETURNING (extract(epoch FROM claimed_at) * 1000)::bigint;

-- $1 user_id, $2 the seq to begin behind, $3 rows at most
-- name: claim_list
SELECT id, user_id, quest_id, quest_revision, ordinal, reward_id, reward_item, reward_qty,
       status, seq, (extract(epoch FROM created_at) * 1000)::bigint,
       (extract(epoch FROM claimed_at) * 1000)::bigint
FROM reward_claims WHERE user_id = $1 AND seq > $2::bigint ORDER BY seq LIMIT $3::int;
