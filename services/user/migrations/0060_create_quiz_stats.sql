-- What users have reached in quizzes, as ScoreCalculated reports it: totals, of which the
-- ones with the greatest sequence hold. A row goes with its account.
CREATE TABLE quiz_stats (
    user_id              uuid PRIMARY KEY REFERENCES users,
    sequence             bigint NOT NULL CHECK (sequence > 0),
    attempts             integer NOT NULL CHECK (attempts > 0),
    quizzes              integer NOT NULL CHECK (quizzes > 0),
    quizzes_passed       integer NOT NULL CHECK (quizzes_passed BETWEEN 0 AND quizzes),
    millipoints          integer NOT NULL CHECK (millipoints >= 0),
    average_basis_points integer NOT NULL CHECK (average_basis_points BETWEEN 0 AND 10000)
);

SELECT ql_grant('SELECT, INSERT, UPDATE, DELETE ON quiz_stats');
