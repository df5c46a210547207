-- Keys of an account in the order listed: a page reads its own rows, however many were
-- revoked.
CREATE INDEX api_keys_listed_idx
    ON api_keys (service_account_id, (revoked_at IS NULL) DESC, created_at DESC, key_id);
