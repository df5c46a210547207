-- Scored attempts, and everything that is computed from them.
--
-- One transaction at a time writes these tables: each takes the advisory lock of
-- result_lock first, so numbers of the two sequences grow in the order of the commits.
--
-- Rows that follow from attempts are written hundreds at a time: their texts are checked by
-- LIKE, which takes a thirtieth of the time of a regular expression, texts of keys are
-- compared as bytes, and tables whose rows are updated in place have space for that.

-- Numbers of board_scores.change_seq and of weeks.final_seq.
CREATE SEQUENCE board_change_seq;

-- Numbers of totals and figures in events. Consumers keep what has the greatest, and this
-- database may take the place of one that was lost: it begins above whatever that one used,
-- as microseconds since 1970 do.
CREATE SEQUENCE announcement_seq;
SELECT setval('announcement_seq', (extract(epoch FROM clock_timestamp()) * 1000000)::bigint);

-- Which life of this database the boards in Redis were made from. A copy that goes its own
-- way is given another one.
CREATE TABLE board_epoch (
    is_the_one boolean PRIMARY KEY DEFAULT true CHECK (is_the_one),
    epoch      uuid NOT NULL
);

INSERT INTO board_epoch (epoch) VALUES (gen_random_uuid());

-- Whoever was heard of, by an account's event or by an attempt, whichever came first.
CREATE TABLE players (
    user_id    uuid PRIMARY KEY,
    is_banned  boolean NOT NULL DEFAULT false,
    is_deleted boolean NOT NULL DEFAULT false
);

-- Attempts as they were scored; they never change.
CREATE TABLE attempts (
    attempt_id        uuid PRIMARY KEY,
    user_id           uuid NOT NULL,
    quiz_id           uuid NOT NULL,
    category          text COLLATE "C" NOT NULL,
    ordinal           integer NOT NULL CHECK (ordinal >= 1),
    submitted_at      timestamptz NOT NULL,
    week              text COLLATE "C" NOT NULL,
    duration_ms       bigint NOT NULL CHECK (duration_ms >= 0),
    millipoints       integer NOT NULL CHECK (millipoints >= 0),
    max_millipoints   integer NOT NULL CHECK (max_millipoints BETWEEN 1000 AND 10000000),
    basis_points      integer NOT NULL CHECK (basis_points BETWEEN 0 AND 10000),
    is_passed         boolean NOT NULL,
    grading           text NOT NULL CHECK (grading IN ('BEST', 'LAST', 'AVERAGE')),
    is_practice       boolean NOT NULL,
    worth_millipoints integer NOT NULL CHECK (worth_millipoints BETWEEN 0 AND 1000000),
    CONSTRAINT attempts_category_check CHECK (category ~ '^[a-z0-9]+(-[a-z0-9]+)*$' AND length(category) <= 40),
    CONSTRAINT attempts_week_check CHECK (week LIKE '____-W__'),
    CONSTRAINT attempts_score_check CHECK (millipoints <= max_millipoints)
);

COMMENT ON COLUMN attempts.worth_millipoints IS 'points of a board: board_points * 1000 * millipoints / max_millipoints';

CREATE INDEX attempts_of_user_idx ON attempts (user_id, quiz_id, submitted_at, attempt_id);
CREATE INDEX attempts_of_week_idx ON attempts (week);

-- What a user's attempts at a quiz come to: of all time, and of each ISO week alone.
CREATE TABLE quiz_results (
    user_id           uuid NOT NULL,
    quiz_id           uuid NOT NULL,
    period            text COLLATE "C" NOT NULL,
    category          text COLLATE "C" NOT NULL,
    is_practice       boolean NOT NULL,
    attempts          integer NOT NULL CHECK (attempts >= 1),
    passed_attempts   integer NOT NULL CHECK (passed_attempts BETWEEN 0 AND attempts),
    best_basis_points integer NOT NULL CHECK (best_basis_points BETWEEN 0 AND 10000),
    sum_basis_points  bigint NOT NULL CHECK (sum_basis_points >= 0),
    sum_duration_ms   bigint NOT NULL CHECK (sum_duration_ms >= 0),
    millipoints       integer NOT NULL CHECK (millipoints BETWEEN 0 AND 1000000),
    reached_at        timestamptz NOT NULL,
    last_submitted_at timestamptz NOT NULL,
    PRIMARY KEY (user_id, period, quiz_id),
    CONSTRAINT quiz_results_period_check CHECK (period = 'all' OR period LIKE '____-W__')
) WITH (fillfactor = 80);

COMMENT ON COLUMN quiz_results.period IS '''all'', or the ISO week';
COMMENT ON COLUMN quiz_results.millipoints IS 'what counts on boards, by the grading of the quiz; of a practice quiz too, which no board counts';

-- Entries of boards. Who leaves a board stays here, not listed, until Redis has followed.
CREATE TABLE board_scores (
    board       text COLLATE "C" NOT NULL,
    period      text COLLATE "C" NOT NULL,
    user_id     uuid NOT NULL,
    millipoints integer NOT NULL CHECK (millipoints >= 0),
    reached_at  timestamptz NOT NULL,
    is_listed   boolean NOT NULL,
    change_seq  bigint NOT NULL CHECK (change_seq >= 1),
    CONSTRAINT board_scores_pkey PRIMARY KEY (board, period, user_id),
    CONSTRAINT board_scores_change_seq_key UNIQUE (change_seq),
    CONSTRAINT board_scores_period_check CHECK (period = 'all' OR period LIKE '____-W__'),
    CONSTRAINT board_scores_board_check CHECK
        (board = 'overall' OR board LIKE 'category._%' OR board LIKE 'quiz.________-____-____-____-____________')
);

-- ISO weeks: how many attempts of them there are, and how many there must be. A FINAL week
-- keeps the number of the change by which its boards left Redis.
CREATE TABLE weeks (
    week      text COLLATE "C" PRIMARY KEY,
    expected  bigint CHECK (expected >= 0),
    counted   bigint NOT NULL DEFAULT 0 CHECK (counted >= 0),
    state     text NOT NULL DEFAULT 'OPEN' CHECK (state IN ('OPEN', 'CLOSING', 'FINAL')),
    final_seq bigint UNIQUE,
    CONSTRAINT weeks_week_check CHECK (week ~ '^[0-9]{4}-W(0[1-9]|[1-4][0-9]|5[0-3])$'),
    CONSTRAINT weeks_closing_check CHECK (state <> 'CLOSING' OR expected IS NOT NULL),
    CONSTRAINT weeks_final_seq_check CHECK ((state = 'FINAL') = (final_seq IS NOT NULL))
);

COMMENT ON COLUMN weeks.expected IS 'attempts that ended in it; not known while the week is OPEN';
COMMENT ON COLUMN weeks.counted IS 'attempts of it in the table attempts';

-- The boards of FINAL weeks. A deleted user's id is taken out, and the place stays.
CREATE TABLE week_standings (
    week        text COLLATE "C" NOT NULL REFERENCES weeks,
    board       text COLLATE "C" NOT NULL,
    rank        integer NOT NULL CHECK (rank >= 1),
    shared_rank integer NOT NULL CHECK (shared_rank BETWEEN 1 AND rank),
    user_id     uuid,
    millipoints integer NOT NULL CHECK (millipoints >= 0),
    reached_at  timestamptz NOT NULL,
    PRIMARY KEY (week, board, rank),
    UNIQUE (week, board, user_id)
);

CREATE INDEX week_standings_user_id_idx ON week_standings (user_id);

-- Sums over first attempts of all users, for one revision of a question: x is what was
-- reached of it, in millipoints, and y the share that was reached of the rest of the
-- attempt, in basis points.
CREATE TABLE question_stats (
    quiz_id           uuid NOT NULL,
    question_id       uuid NOT NULL,
    question_revision bigint NOT NULL CHECK (question_revision >= 1),
    max_millipoints   integer NOT NULL CHECK (max_millipoints BETWEEN 1000 AND 100000),
    n                 bigint NOT NULL CHECK (n >= 1),
    sum_x             bigint NOT NULL,
    sum_xx            bigint NOT NULL CHECK (sum_xx >= 0),
    sum_y             bigint NOT NULL,
    sum_yy            bigint NOT NULL CHECK (sum_yy >= 0),
    sum_xy            bigint NOT NULL,
    PRIMARY KEY (quiz_id, question_id, question_revision)
) WITH (fillfactor = 60);

-- What came of a quiz.
CREATE TABLE quiz_stats (
    quiz_id          uuid PRIMARY KEY,
    players          integer NOT NULL CHECK (players >= 0),
    attempts         integer NOT NULL CHECK (attempts >= players),
    passed_attempts  integer NOT NULL CHECK (passed_attempts BETWEEN 0 AND attempts),
    sum_basis_points bigint NOT NULL CHECK (sum_basis_points >= 0)
) WITH (fillfactor = 60);

SELECT ql_grant('USAGE ON SEQUENCE board_change_seq, announcement_seq');
SELECT ql_grant('SELECT ON board_epoch');
SELECT ql_grant('SELECT, INSERT, UPDATE (is_banned, is_deleted) ON players');
SELECT ql_grant('SELECT, INSERT ON attempts');
SELECT ql_grant('SELECT, INSERT, UPDATE, DELETE ON quiz_results, board_scores');
SELECT ql_grant('SELECT, INSERT, UPDATE (expected, counted, state, final_seq) ON weeks');
SELECT ql_grant('SELECT, INSERT, UPDATE (user_id) ON week_standings');
SELECT ql_grant('SELECT, INSERT, UPDATE (n, sum_x, sum_xx, sum_y, sum_yy, sum_xy) ON question_stats');
SELECT ql_grant('SELECT, INSERT, UPDATE (players, attempts, passed_attempts, sum_basis_points) ON quiz_stats');
