-- Statements of quest_store.c. Times go in as texts and come out as
-- milliseconds since 1970; event types come out with blanks between them, which
-- no type contains.

-- $1 quest_id, $2 reward_id, $3 name, $4 description, $5 streak, $6 duplication,
-- $7 auto_claim, $8 event_types, $9 revision, $10 revised_at
-- name: quest_insert
WITH newest AS (
    INSERT INTO quests (quest_id, reward_id, name, description, streak, duplication, auto_claim,
                        event_types, revision, revised_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
    RETURNING quest_id, reward_id, name, description, streak, duplication, auto_claim,
              event_types, revision, revised_at
)
INSERT INTO quest_revisions (quest_id, reward_id, name, description, streak, duplication,
                             auto_claim, event_types, revision, revised_at)
SELECT quest_id, reward_id, name, description, streak, duplication, auto_claim,
       event_types, revision, revised_at
FROM newest;

-- $1 quest_id
-- name: quest_get
SELECT quest_id, reward_id, name, description, streak, duplication, auto_claim,
       array_to_string(event_types, ' '), revision,
       (extract(epoch FROM revised_at) * 1000)::bigint
FROM quests WHERE quest_id = $1;

-- $1 quest_id, $2 revision
-- name: quest_get_revision
SELECT quest_id, reward_id, name, description, streak, duplication, auto_claim,
       array_to_string(event_types, ' '), revision,
       (extract(epoch FROM revised_at) * 1000)::bigint
FROM quest_revisions WHERE quest_id = $1 AND revision = $2;

-- $1 the quest_id to begin behind, $2 rows at most
-- name: quest_list
SELECT quest_id, reward_id, name, description, streak, duplication, auto_claim,
       array_to_string(event_types, ' '), revision,
       (extract(epoch FROM revised_at) * 1000)::bigint
FROM quests WHERE quest_id > $1::uuid ORDER BY quest_id LIMIT $2::int;
