-- Statements on chains of causes in the event table.

-- The quests that led to these events, when they are completions: whose, and what
-- led to that one, and so on. One look into the index for each step, and each step
-- once: a circle, which no release has written, ends.
-- $1 ids
-- name: event_list_chains
WITH RECURSIVE chain (event_id, quest_id, cause_id) AS (
    SELECT given.id, stored.quest_id, stored.cause_id
    FROM (SELECT DISTINCT unnest($1::uuid[]) AS id) AS given
    CROSS JOIN LATERAL (
        SELECT lower(payload ->> 'questId') AS quest_id, (payload ->> 'causeEventId')::uuid AS cause_id
        FROM events
        WHERE events.id = given.id AND event_type = 'QuestCompleted'
        LIMIT 1
    ) AS stored
    UNION
    SELECT chain.event_id, stored.quest_id, stored.cause_id
    FROM chain
    CROSS JOIN LATERAL (
        SELECT lower(payload ->> 'questId') AS quest_id, (payload ->> 'causeEventId')::uuid AS cause_id
        FROM events
        WHERE events.id = chain.cause_id AND event_type = 'QuestCompleted'
        LIMIT 1
    ) AS stored
)
SELECT event_id, quest_id FROM chain WHERE quest_id IS NOT NULL ORDER BY event_id
