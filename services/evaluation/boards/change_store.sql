-- Statements of change_store.c.

-- Which life of the database this is, its greatest change, and the greatest that was deleted.
-- name: change_look
SELECT epoch::text,
       greatest(purged_seq,
                (SELECT coalesce(max(change_seq), 0) FROM board_scores),
                (SELECT coalesce(max(final_seq), 0) FROM weeks)),
       purged_seq
FROM board_epoch;

-- All statements of the transaction that follow see one moment.
-- name: change_snapshot
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY;

-- $1 change number behind which to begin, $2 rows at most
-- name: change_entries
SELECT change_seq, board, period, user_id::text, millipoints,
       (extract(epoch FROM reached_at) * 1000)::bigint, is_listed
FROM board_scores WHERE change_seq > $1::bigint ORDER BY change_seq LIMIT $2::int;

-- $1 change number behind which to begin
-- name: change_final_weeks
SELECT week FROM weeks WHERE final_seq > $1::bigint ORDER BY final_seq;

-- $1 the greatest change number, $2 rows at most
-- name: change_purge
WITH gone AS (
    DELETE FROM board_scores WHERE change_seq IN (
        SELECT change_seq FROM board_scores WHERE NOT is_listed AND change_seq <= $1::bigint
        ORDER BY change_seq LIMIT $2::int)
    RETURNING change_seq)
SELECT count(*), coalesce(max(change_seq), 0) FROM gone;

-- $1 the greatest change number of what was deleted
-- name: change_set_purged
UPDATE board_epoch SET purged_seq = greatest(purged_seq, $1::bigint);

-- name: change_new_epoch
UPDATE board_epoch SET epoch = gen_random_uuid();
