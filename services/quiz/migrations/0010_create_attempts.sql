-- Attempts at quizzes. Which questions one has, and in which order it shows them, is not
-- stored: it follows from the seed. Times are whole milliseconds, as answers show them.
CREATE TABLE attempts (
    attempt_id       uuid PRIMARY KEY,
    user_id          uuid NOT NULL,
    quiz_id          uuid NOT NULL,
    quiz_version     integer NOT NULL CHECK (quiz_version >= 1),
    ordinal          integer NOT NULL CHECK (ordinal >= 1),
    state            text NOT NULL CHECK (state IN ('IN_PROGRESS', 'SUBMITTED', 'EXPIRED',
                         'SCORED', 'DISCARDED')),
    draw_algorithm   smallint NOT NULL CHECK (draw_algorithm = 1),
    seed             bytea NOT NULL CHECK (length(seed) = 32),
    started_at       timestamptz NOT NULL,
    deadline_at      timestamptz NOT NULL CHECK (deadline_at >= started_at
                         AND deadline_at <= started_at + interval '720 hours'),
    submitted_at     timestamptz CHECK (submitted_at BETWEEN started_at AND deadline_at),
    ended_by         text CHECK (ended_by IN ('PLAYER', 'SERVER')),
    millipoints      integer CHECK (millipoints >= 0),
    max_millipoints  integer CHECK (max_millipoints BETWEEN 1000 AND 10000000),
    percent          integer CHECK (percent BETWEEN 0 AND 100),
    basis_points     integer CHECK (basis_points BETWEEN 0 AND 10000),
    passed           boolean,
    item_millipoints integer[] CHECK (cardinality(item_millipoints) BETWEEN 1 AND 100),
    UNIQUE (user_id, quiz_id, ordinal),
    CHECK ((state IN ('SUBMITTED', 'EXPIRED', 'SCORED')) = (submitted_at IS NOT NULL)),
    CHECK ((submitted_at IS NULL) = (ended_by IS NULL)),
    CHECK (state <> 'SUBMITTED' OR ended_by = 'PLAYER'),
    CHECK (state <> 'EXPIRED' OR ended_by = 'SERVER'),
    CHECK (ended_by <> 'SERVER' OR submitted_at = deadline_at),
    CHECK (millipoints <= max_millipoints),
    CHECK (num_nonnulls(millipoints, max_millipoints, percent, basis_points, passed,
                        item_millipoints) = CASE WHEN state = 'SCORED' THEN 6 ELSE 0 END)
);

CREATE UNIQUE INDEX attempts_one_in_progress_idx ON attempts (user_id, quiz_id)
    WHERE state = 'IN_PROGRESS';
CREATE INDEX attempts_deadline_idx ON attempts (deadline_at) WHERE state = 'IN_PROGRESS';
CREATE INDEX attempts_submitted_idx ON attempts (submitted_at);
CREATE INDEX attempts_user_idx ON attempts (user_id, attempt_id);

-- Answers in the numbers that the attempt shows. One without choices and text was cleared,
-- and stays for its sequence.
CREATE TABLE attempt_answers (
    attempt_id uuid NOT NULL REFERENCES attempts,
    number     smallint NOT NULL CHECK (number BETWEEN 1 AND 100),
    choices    smallint[] NOT NULL CHECK (cardinality(choices) <= 40),
    text       text NOT NULL CHECK (length(text) <= 200),
    sequence   bigint NOT NULL CHECK (sequence >= 0),
    saved_at   timestamptz NOT NULL,
    PRIMARY KEY (attempt_id, number),
    CHECK (text = '' OR cardinality(choices) = 0)
);

-- Users whose account was deleted: they begin nothing more.
CREATE TABLE departed (
    user_id     uuid PRIMARY KEY,
    departed_at timestamptz NOT NULL DEFAULT now()
);

-- ISO weeks, by UTC, that are closed: no further attempt ends in one.
CREATE TABLE weeks (
    week      text PRIMARY KEY CHECK (week ~ '^[0-9]{4}-W[0-5][0-9]$'),
    ends_at   timestamptz NOT NULL UNIQUE,
    attempts  bigint NOT NULL CHECK (attempts >= 0),
    closed_at timestamptz NOT NULL DEFAULT now()
);

SELECT ql_grant('SELECT, INSERT, UPDATE (state, submitted_at, ended_by, millipoints, max_millipoints, percent, basis_points, passed, item_millipoints) ON attempts');
SELECT ql_grant('SELECT, INSERT, UPDATE (choices, text, sequence, saved_at), DELETE ON attempt_answers');
SELECT ql_grant('SELECT, INSERT ON departed, weeks');
