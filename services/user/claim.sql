-- Statements of claim_store.c.

-- $1 id
-- name: claim_exists
SELECT EXISTS (SELECT FROM reward_claims WHERE id = $1);

-- $1 id, $2 user_id, $3 quest_id, $4 quest_revision, $5 ordinal, $6 reward_id,
-- $7 reward_item, $8 reward_qty, $9 status, $10 pending_reason
-- name: claim_insert
INSERT INTO reward_claims (id, user_id, quest_id, quest_revision, ordinal, reward_id,
                           reward_item, reward_qty, status, pending_reason, claimed_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, CASE WHEN $9 = 'CLAIMED' THEN now() END)
ON CONFLICT DO NOTHING;

-- $1 id
-- name: claim_get
SELECT id, user_id, quest_id, quest_revision, ordinal, reward_id, reward_item, reward_qty,
       status, seq, (extract(epoch FROM created_at) * 1000)::bigint,
       (extract(epoch FROM claimed_at) * 1000)::bigint, pending_reason
FROM reward_claims WHERE id = $1;

-- A claim of its owner, whose row is locked. What it says of the claim may have
-- changed while the lock was waited for.
-- $1 id, $2 user_id
-- name: claim_lock_owner
SELECT c.id, c.user_id, c.quest_id, c.quest_revision, c.ordinal, c.reward_id, c.reward_item,
       c.reward_qty, c.status, c.seq, (extract(epoch FROM c.created_at) * 1000)::bigint,
       (extract(epoch FROM c.claimed_at) * 1000)::bigint, c.pending_reason, u.status
FROM reward_claims c JOIN users u ON u.user_id = c.user_id
WHERE c.id = $1 AND c.user_id::text = $2
FOR UPDATE OF u;

-- Pays a claim that waits; returns when, and how much of its item there was.
-- $1 id
-- name: claim_set_paid
UPDATE reward_claims c SET status = 'CLAIMED', claimed_at = now(), pending_reason = NULL
WHERE c.id = $1 AND c.status = 'PENDING'
RETURNING (extract(epoch FROM c.claimed_at) * 1000)::bigint,
          (SELECT b.balance FROM wallet_balances b
           WHERE b.user_id = c.user_id AND b.item = c.reward_item);

-- $1 user_id, $2 the seq to begin behind, $3 rows at most
-- name: claim_list
SELECT id, user_id, quest_id, quest_revision, ordinal, reward_id, reward_item, reward_qty,
       status, seq, (extract(epoch FROM created_at) * 1000)::bigint,
       (extract(epoch FROM claimed_at) * 1000)::bigint, pending_reason
FROM reward_claims WHERE user_id = $1 AND seq > $2::bigint ORDER BY seq LIMIT $3::int;

-- $1 user_id, $2 the seq to begin behind, $3 rows at most, $4 status
-- name: claim_list_by_status
SELECT id, user_id, quest_id, quest_revision, ordinal, reward_id, reward_item, reward_qty,
       status, seq, (extract(epoch FROM created_at) * 1000)::bigint,
       (extract(epoch FROM claimed_at) * 1000)::bigint, pending_reason
FROM reward_claims WHERE user_id = $1 AND status = $4 AND seq > $2::bigint
ORDER BY seq LIMIT $3::int;

-- $1 user_id, $2 how many are counted at most
-- name: claim_count
SELECT count(*) FROM (SELECT FROM reward_claims WHERE user_id = $1 LIMIT $2::int) counted;

-- $1 user_id, $2 how many are counted at most, $3 status
-- name: claim_count_by_status
SELECT count(*) FROM (SELECT FROM reward_claims WHERE user_id = $1 AND status = $3
                      LIMIT $2::int) counted;
