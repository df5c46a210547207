-- What came of a quiz, as LeaderboardUpdated last said; the greater sequence holds.
CREATE TABLE quiz_figures (
    quiz_id              uuid PRIMARY KEY,
    sequence             bigint NOT NULL CHECK (sequence >= 1),
    players              integer NOT NULL CHECK (players >= 0),
    attempts             integer NOT NULL CHECK (attempts >= players),
    passed_attempts      integer NOT NULL CHECK (passed_attempts BETWEEN 0 AND attempts),
    average_basis_points integer NOT NULL CHECK (average_basis_points BETWEEN 0 AND 10000)
);

SELECT ql_grant('SELECT, INSERT, UPDATE (sequence, players, attempts, passed_attempts, average_basis_points) ON quiz_figures');
SELECT ql_grant('SELECT ON quiz_figures', '_read');
