-- Statements of wallet_store.c.

-- $1 user_id, $2 item
-- name: wallet_balance
SELECT balance FROM wallet_balances WHERE user_id = $1 AND item = $2;

-- $1 user_id, $2 rows at most
-- name: wallet_list_balances
SELECT item, balance FROM wallet_balances WHERE user_id = $1 ORDER BY item LIMIT $2::int;

-- $1 user_id, $2 the seq to begin behind, $3 rows at most
-- name: wallet_list_entries
SELECT entry_id, item, amount, cause, seq, (extract(epoch FROM created_at) * 1000)::bigint
FROM wallet_entries WHERE user_id = $1 AND seq > $2::bigint ORDER BY seq LIMIT $3::int;

-- A ledger row, the balance it makes, and the mirror of two items in the user's
-- row: one statement, so that no program can write one without the others.
-- $1 entry_id, $2 user_id, $3 item, $4 amount, $5 cause
-- name: wallet_credit
WITH entry AS (
    INSERT INTO wallet_entries (entry_id, user_id, item, amount, cause)
    VALUES ($1, $2, $3, $4, $5)
    RETURNING user_id, item, amount
), credited AS (
    INSERT INTO wallet_balances AS b (user_id, item, balance)
    SELECT user_id, item, amount FROM entry
    ON CONFLICT (user_id, item) DO UPDATE SET balance = b.balance + EXCLUDED.balance
    RETURNING b.user_id, b.item, b.balance
)
UPDATE users u
SET gold = CASE WHEN c.item = 'gold' THEN c.balance ELSE u.gold END,
    diamond = CASE WHEN c.item = 'diamond' THEN c.balance ELSE u.diamond END
FROM credited c
WHERE u.user_id = c.user_id AND c.item IN ('gold', 'diamond');
