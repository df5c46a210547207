-- What creating calls with an Idempotency-Key were answered.
CREATE TABLE idempotency_answers (
    caller text NOT NULL,
    method text NOT NULL,
    key text NOT NULL,
    request_digest text NOT NULL,
    answer bytea,
    taken_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (caller, method, key)
);

COMMENT ON COLUMN idempotency_answers.request_digest IS 'SHA-256 of the request''s wire bytes';
COMMENT ON COLUMN idempotency_answers.answer IS 'wire bytes; set before the transaction ends';

CREATE INDEX idempotency_answers_taken_at ON idempotency_answers (taken_at);

-- The owner x_owner only migrates; the run role is x, where there is one.
DO $$
DECLARE
    run_role text := regexp_replace(current_user, '_owner$', '');
BEGIN
    IF run_role <> current_user AND EXISTS (SELECT FROM pg_roles WHERE rolname = run_role) THEN
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON idempotency_answers TO %I',
                       run_role);
    END IF;
END
$$;
