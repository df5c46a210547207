-- Quizzes: the draft with its slots, and what was published. Versions and the revisions
-- that players see never change.
CREATE TABLE quizzes (
    quiz_id           uuid PRIMARY KEY,
    state             text NOT NULL CHECK (state IN ('DRAFT', 'PUBLISHED', 'ARCHIVED')),
    draft             json NOT NULL,
    draft_revision    bigint NOT NULL CHECK (draft_revision >= 1),
    revision          bigint NOT NULL CHECK (revision >= 0),
    published_version integer NOT NULL CHECK (published_version BETWEEN 0 AND revision),
    category          text,
    revised_at        timestamptz,
    CHECK ((state = 'DRAFT') = (revision = 0)),
    CHECK (state <> 'PUBLISHED' OR published_version >= 1),
    CHECK ((published_version >= 1) = (category IS NOT NULL)),
    CHECK ((revision >= 1) = (revised_at IS NOT NULL))
);

-- Lists of players have what was published at least once.
CREATE INDEX quizzes_open_idx ON quizzes (quiz_id) WHERE state = 'PUBLISHED';
CREATE INDEX quizzes_archived_idx ON quizzes (revised_at) WHERE state = 'ARCHIVED';
CREATE INDEX quizzes_category_idx ON quizzes (category, quiz_id) WHERE published_version >= 1;

CREATE TABLE quiz_revisions (
    quiz_id  uuid NOT NULL REFERENCES quizzes,
    revision bigint NOT NULL CHECK (revision >= 1),
    document json NOT NULL,
    PRIMARY KEY (quiz_id, revision)
);

-- What attempts are made of: the metadata as an encoded questline.quiz.v1.Quiz, and each
-- slot's candidates with the revisions that they had.
CREATE TABLE quiz_versions (
    quiz_id uuid NOT NULL REFERENCES quizzes,
    version integer NOT NULL CHECK (version >= 1),
    quiz    bytea NOT NULL,
    PRIMARY KEY (quiz_id, version)
);

CREATE TABLE quiz_version_slots (
    quiz_id      uuid NOT NULL,
    version      integer NOT NULL,
    slot         integer NOT NULL CHECK (slot BETWEEN 1 AND 100),
    question_ids uuid[] NOT NULL CHECK (cardinality(question_ids) BETWEEN 1 AND 500),
    revisions    bigint[] NOT NULL CHECK (cardinality(revisions) = cardinality(question_ids)),
    count        integer NOT NULL CHECK (count BETWEEN 1 AND cardinality(question_ids)),
    PRIMARY KEY (quiz_id, version, slot),
    FOREIGN KEY (quiz_id, version) REFERENCES quiz_versions
);

SELECT ql_grant('SELECT, INSERT, UPDATE (state, draft, draft_revision, revision, published_version, category, revised_at) ON quizzes');
SELECT ql_grant('SELECT, INSERT ON quiz_revisions, quiz_versions, quiz_version_slots');
SELECT ql_grant('SELECT ON quizzes, quiz_revisions', '_read');
