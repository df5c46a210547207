-- The newest revision of every question, and all revisions, which never change. A
-- document is the question as the contract writes it in JSON, with the names of proto;
-- columns beside it are for indexes alone. The digest is of what an author writes.
CREATE TABLE questions (
    question_id uuid PRIMARY KEY,
    revision    bigint NOT NULL CHECK (revision >= 1),
    type        text NOT NULL CHECK (type IN ('SINGLE_CHOICE', 'MULTIPLE_CHOICE', 'TRUE_FALSE',
                    'NUMERIC', 'SHORT_TEXT', 'ORDERING', 'MATCHING')),
    category    text NOT NULL
                    CHECK (category ~ '^[a-z0-9]+(-[a-z0-9]+)*$' AND length(category) <= 40),
    tags        text[] NOT NULL CHECK (cardinality(tags) <= 16),
    points      integer NOT NULL CHECK (points BETWEEN 1 AND 100),
    archived    boolean NOT NULL,
    digest      bytea NOT NULL CHECK (length(digest) = 32),
    document    json NOT NULL
);

CREATE INDEX questions_open_idx ON questions (question_id) WHERE NOT archived;
CREATE INDEX questions_category_idx ON questions (category, question_id);
CREATE INDEX questions_digest_idx ON questions (category, digest) WHERE NOT archived;
CREATE INDEX questions_tags_idx ON questions USING gin (tags);

CREATE TABLE question_revisions (
    question_id uuid NOT NULL REFERENCES questions,
    revision    bigint NOT NULL CHECK (revision >= 1),
    document    json NOT NULL,
    PRIMARY KEY (question_id, revision)
);

SELECT ql_grant('SELECT, INSERT, UPDATE (revision, category, tags, points, archived, digest, document) ON questions');
SELECT ql_grant('SELECT, INSERT ON question_revisions');
