-- Claims of a user by status, in the order made: a page reads its own rows, however
-- many of the other status lie between them.
CREATE INDEX reward_claims_user_id_status_seq_idx ON reward_claims (user_id, status, seq);
