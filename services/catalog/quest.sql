-- Statements of quest_kind.c. Rows go in and come out as JSON objects whose names are
-- those of the columns, which are those of the contract's fields.

-- The newest revision, and its copy that is kept. A field with its default is not in the
-- row; columns that are NOT NULL get it here. An edit cannot change backfill.
-- $1 the row
-- name: quest_put
WITH stored AS (
    INSERT INTO quests
    SELECT *
    FROM json_populate_record(
        json_populate_record(NULL::quests,
            '{"description": "", "auto_claim": false, "conditions": [], "backfill": false,
              "archived": false}'),
        $1::json)
    ON CONFLICT (quest_id) DO UPDATE
    SET reward_id = excluded.reward_id, name = excluded.name, description = excluded.description,
        streak = excluded.streak, duplication = excluded.duplication,
        auto_claim = excluded.auto_claim, event_types = excluded.event_types,
        revision = excluded.revision, revised_at = excluded.revised_at,
        conditions = excluded.conditions, starts_at = excluded.starts_at,
        ends_at = excluded.ends_at, prerequisite_quest_id = excluded.prerequisite_quest_id,
        streak_rule = excluded.streak_rule, archived = excluded.archived,
        labels = excluded.labels
    WHERE quests.revision = excluded.revision - 1
    RETURNING *
)
INSERT INTO quest_revisions
SELECT kept.*
FROM stored, json_populate_record(NULL::quest_revisions, to_json(stored)) AS kept

-- $1 quest_id
-- name: quest_get
SELECT to_json(quest)
FROM (SELECT quests.*,
          (SELECT first.revised_at FROM quest_revisions first
           WHERE first.quest_id = quests.quest_id AND first.revision = 1) AS created_at
      FROM quests WHERE quest_id = $1) AS quest

-- Not FOR UPDATE: a quest that names this one as its prerequisite need not wait.
-- $1 quest_id
-- name: quest_lock
SELECT to_json(quest)
FROM (SELECT quests.*,
          (SELECT first.revised_at FROM quest_revisions first
           WHERE first.quest_id = quests.quest_id AND first.revision = 1) AS created_at
      FROM quests WHERE quest_id = $1 FOR NO KEY UPDATE) AS quest

-- $1 quest_id, $2 revision
-- name: quest_get_revision
SELECT to_json(quest)
FROM (SELECT quest_revisions.*,
          (SELECT first.revised_at FROM quest_revisions first
           WHERE first.quest_id = quest_revisions.quest_id AND first.revision = 1) AS created_at
      FROM quest_revisions WHERE quest_id = $1 AND revision = $2) AS quest

-- $1 the quest_id to begin behind, $2 rows at most
-- name: quest_list
SELECT to_json(quest)
FROM (SELECT quests.*,
          (SELECT first.revised_at FROM quest_revisions first
           WHERE first.quest_id = quests.quest_id AND first.revision = 1) AS created_at
      FROM quests WHERE quest_id > $1::uuid
      ORDER BY quest_id LIMIT $2::int) AS quest

-- However many quests are archived, it reads a page of those that are not, and those
-- that were archived a moment ago: players are shown their last revision still. More
-- than 1,000 in that moment are not looked at; so many disappear at once.
-- $1 the quest_id to begin behind, $2 rows at most, $3 the moment, in milliseconds
-- since 1970
-- name: quest_list_open
WITH page AS (
    (SELECT quest_id FROM quests WHERE quest_id > $1::uuid AND NOT archived
     ORDER BY quest_id LIMIT $2::int)
    UNION ALL
    (SELECT quest_id
     FROM (SELECT quest_id FROM quests
           WHERE archived AND revised_at > to_timestamp($3::bigint / 1000.0)
           ORDER BY revised_at DESC LIMIT 1000) AS recent
     WHERE quest_id > $1::uuid)
    ORDER BY quest_id LIMIT $2::int
)
SELECT to_json(quest)
FROM (SELECT quests.*,
          (SELECT first.revised_at FROM quest_revisions first
           WHERE first.quest_id = quests.quest_id AND first.revision = 1) AS created_at
      FROM page JOIN quests USING (quest_id)
      ORDER BY quest_id) AS quest

-- Those that have all labels of $4; of them the ones that are not archived or, as in
-- quest_list_open, were a moment ago. The caller looks at the labels again: of a quest
-- that was revised since $5 an older revision may be published still.
-- $1 the quest_id to begin behind, $2 rows at most, $3 the moment, 0 for all archived
-- ones, $4 a row with nothing but labels, $5 the moment
-- name: quest_list_labelled
WITH page AS (
    (SELECT quest_id FROM quests
     WHERE quest_id > $1::uuid AND labels @> ($4::jsonb -> 'labels')
         AND (NOT archived OR $3::bigint = 0 OR revised_at > to_timestamp($3::bigint / 1000.0))
     ORDER BY quest_id LIMIT $2::int)
    UNION
    (SELECT quest_id
     FROM (SELECT quest_id FROM quests
           WHERE revised_at > to_timestamp($5::bigint / 1000.0)
           ORDER BY revised_at DESC LIMIT 1000) AS recent
     WHERE quest_id > $1::uuid)
    ORDER BY quest_id LIMIT $2::int
)
SELECT to_json(quest)
FROM (SELECT quests.*,
          (SELECT first.revised_at FROM quest_revisions first
           WHERE first.quest_id = quests.quest_id AND first.revision = 1) AS created_at
      FROM page JOIN quests USING (quest_id)
      ORDER BY quest_id) AS quest

-- One at a time: two quests that become each other's prerequisite at once would
-- not see each other.
-- name: quest_lock_prerequisites
SELECT pg_advisory_xact_lock(hashtext('questline.catalog.prerequisites'))

-- Every quest that must be completed before $1, itself included, and whether it is
-- archived.
-- $1 quest_id
-- name: quest_prerequisites
WITH RECURSIVE needed (quest_id, prerequisite_quest_id, archived) AS (
    SELECT quest_id, prerequisite_quest_id, archived FROM quests WHERE quest_id = $1
    UNION
    SELECT quests.quest_id, quests.prerequisite_quest_id, quests.archived
    FROM quests JOIN needed ON quests.quest_id = needed.prerequisite_quest_id
)
SELECT quest_id, archived FROM needed
