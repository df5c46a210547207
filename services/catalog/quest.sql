-- Statements of quest_store.c. Times go in as texts and come out as
-- milliseconds since 1970, the last of them that of the first revision; event types
-- come out with blanks between them, which no type contains.

-- $1 quest_id, $2 reward_id, $3 name, $4 description, $5 streak, $6 duplication,
-- $7 auto_claim, $8 event_types, $9 revision, $10 revised_at, $11 conditions,
-- $12 starts_at, $13 ends_at, $14 prerequisite_quest_id, $15 streak_rule,
-- $16 archived, $17 backfill
-- name: quest_insert
INSERT INTO quests (quest_id, reward_id, name, description, streak, duplication, auto_claim,
                    event_types, revision, revised_at, conditions, starts_at, ends_at,
                    prerequisite_quest_id, streak_rule, archived, backfill)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17);

-- The same but for backfill, which an edit cannot change.
-- name: quest_update
UPDATE quests
SET reward_id = $2, name = $3, description = $4, streak = $5, duplication = $6, auto_claim = $7,
    event_types = $8, revision = $9, revised_at = $10, conditions = $11, starts_at = $12,
    ends_at = $13, prerequisite_quest_id = $14, streak_rule = $15, archived = $16
WHERE quest_id = $1;

-- $1 quest_id
-- name: quest_keep_revision
INSERT INTO quest_revisions (quest_id, reward_id, name, description, streak, duplication, auto_claim,
                             event_types, revision, revised_at, conditions, starts_at, ends_at,
                             prerequisite_quest_id, streak_rule, backfill, archived)
SELECT quest_id, reward_id, name, description, streak, duplication, auto_claim,
       event_types, revision, revised_at, conditions, starts_at, ends_at,
       prerequisite_quest_id, streak_rule, backfill, archived
FROM quests WHERE quest_id = $1;

-- $1 quest_id
-- name: quest_get
SELECT quest_id, reward_id, name, description, streak, duplication, auto_claim,
       array_to_string(event_types, ' '), revision,
       (extract(epoch FROM revised_at) * 1000)::bigint, conditions,
       (extract(epoch FROM starts_at) * 1000)::bigint, (extract(epoch FROM ends_at) * 1000)::bigint,
       prerequisite_quest_id, streak_rule, backfill, archived,
       (SELECT (extract(epoch FROM first.revised_at) * 1000)::bigint FROM quest_revisions first
        WHERE first.quest_id = quests.quest_id AND first.revision = 1)
FROM quests WHERE quest_id = $1;

-- Not FOR UPDATE: a quest that names this one as its prerequisite need not wait.
-- $1 quest_id
-- name: quest_lock
SELECT quest_id, reward_id, name, description, streak, duplication, auto_claim,
       array_to_string(event_types, ' '), revision,
       (extract(epoch FROM revised_at) * 1000)::bigint, conditions,
       (extract(epoch FROM starts_at) * 1000)::bigint, (extract(epoch FROM ends_at) * 1000)::bigint,
       prerequisite_quest_id, streak_rule, backfill, archived,
       (SELECT (extract(epoch FROM first.revised_at) * 1000)::bigint FROM quest_revisions first
        WHERE first.quest_id = quests.quest_id AND first.revision = 1)
FROM quests WHERE quest_id = $1 FOR NO KEY UPDATE;

-- $1 quest_id, $2 revision
-- name: quest_get_revision
SELECT quest_id, reward_id, name, description, streak, duplication, auto_claim,
       array_to_string(event_types, ' '), revision,
       (extract(epoch FROM revised_at) * 1000)::bigint, conditions,
       (extract(epoch FROM starts_at) * 1000)::bigint, (extract(epoch FROM ends_at) * 1000)::bigint,
       prerequisite_quest_id, streak_rule, backfill, archived,
       (SELECT (extract(epoch FROM first.revised_at) * 1000)::bigint FROM quest_revisions first
        WHERE first.quest_id = quest_revisions.quest_id AND first.revision = 1)
FROM quest_revisions WHERE quest_id = $1 AND revision = $2;

-- $1 the quest_id to begin behind, $2 rows at most
-- name: quest_list
SELECT quest_id, reward_id, name, description, streak, duplication, auto_claim,
       array_to_string(event_types, ' '), revision,
       (extract(epoch FROM revised_at) * 1000)::bigint, conditions,
       (extract(epoch FROM starts_at) * 1000)::bigint, (extract(epoch FROM ends_at) * 1000)::bigint,
       prerequisite_quest_id, streak_rule, backfill, archived,
       (SELECT (extract(epoch FROM first.revised_at) * 1000)::bigint FROM quest_revisions first
        WHERE first.quest_id = quests.quest_id AND first.revision = 1)
FROM quests WHERE quest_id > $1::uuid
ORDER BY quest_id LIMIT $2::int;

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
SELECT quest_id, reward_id, name, description, streak, duplication, auto_claim,
       array_to_string(event_types, ' '), revision,
       (extract(epoch FROM revised_at) * 1000)::bigint, conditions,
       (extract(epoch FROM starts_at) * 1000)::bigint, (extract(epoch FROM ends_at) * 1000)::bigint,
       prerequisite_quest_id, streak_rule, backfill, archived,
       (SELECT (extract(epoch FROM first.revised_at) * 1000)::bigint FROM quest_revisions first
        WHERE first.quest_id = quests.quest_id AND first.revision = 1)
FROM page JOIN quests USING (quest_id)
ORDER BY quest_id;

-- One at a time: two quests that become each other's prerequisite at once would
-- not see each other.
-- name: quest_lock_prerequisites
SELECT pg_advisory_xact_lock(hashtext('questline.catalog.prerequisites'));

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
SELECT quest_id, archived FROM needed;
