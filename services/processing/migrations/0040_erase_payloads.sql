-- What the events of deleted users say is erased, by a role that can do nothing
-- else: it owns one function, which run roles may call, and nobody can sign in as it.
-- It is named after the owner: ql_processing_owner, ql_processing_erase. Where owner
-- and run role are one, that one takes its place.

-- Users whose events are erased, or are to be. An event that is stored later about
-- one of them is stored without what it says (event_append).
CREATE TABLE event_erasures (
    user_id      uuid NOT NULL,
    after_seq    bigint NOT NULL DEFAULT 0,
    begun_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    completed_at timestamptz,
    CONSTRAINT event_erasures_pkey PRIMARY KEY (user_id)
);
COMMENT ON COLUMN event_erasures.after_seq IS 'the user''s events up to this row are erased';
COMMENT ON COLUMN event_erasures.completed_at IS 'when the last of them was; NULL: there may be more';
CREATE INDEX event_erasures_open_idx ON event_erasures (begun_at) WHERE completed_at IS NULL;

-- Who was deleted before. Progress goes with the deletion from now on.
INSERT INTO event_erasures (user_id)
SELECT DISTINCT user_id FROM events WHERE event_type = 'UserDeleted' AND user_id IS NOT NULL;
DELETE FROM user_quest_rewards AS progress
USING event_erasures
WHERE event_erasures.user_id = progress.user_id;

-- A step: the next rows of a deleted user, at most max_rows and max_bytes of payload
-- (but always one row). No row: there is nothing to erase.
CREATE FUNCTION event_erase_step(max_rows integer, max_bytes bigint)
RETURNS TABLE (erased_user_id uuid, n_erased bigint, is_complete boolean)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    erasure record;
    page record;
BEGIN
    SELECT e.user_id, e.after_seq INTO erasure
    FROM public.event_erasures AS e
    WHERE e.completed_at IS NULL
        AND EXISTS (
            SELECT FROM public.events AS d
            WHERE d.user_id = e.user_id AND d.event_type = 'UserDeleted')
    ORDER BY e.begun_at
    LIMIT 1
    FOR UPDATE OF e SKIP LOCKED;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    SELECT count(*) AS n_seen, max(f.seq) AS seen_seq,
        count(*) FILTER (WHERE f.bytes_before < max_bytes) AS n_taken,
        max(f.seq) FILTER (WHERE f.bytes_before < max_bytes) AS through_seq
    INTO page
    FROM (
        SELECT r.seq, sum(r.payload_bytes) OVER (ORDER BY r.seq) - r.payload_bytes AS bytes_before
        FROM (
            SELECT e.seq, e.payload_bytes
            FROM public.events AS e
            WHERE e.user_id = erasure.user_id AND e.seq > erasure.after_seq
            ORDER BY e.seq
            LIMIT max_rows
        ) AS r
    ) AS f;
    UPDATE public.events AS e
    SET payload = '{}', contents = NULL, traceparent = NULL
    WHERE e.user_id = erasure.user_id AND e.seq > erasure.after_seq AND e.seq <= page.through_seq;
    erased_user_id := erasure.user_id;
    n_erased := page.n_taken;
    is_complete := page.n_seen < max_rows AND page.n_taken = page.n_seen;
    UPDATE public.event_erasures AS e
    SET after_seq = coalesce(page.through_seq, e.after_seq),
        completed_at = CASE WHEN is_complete THEN clock_timestamp() END
    WHERE e.user_id = erasure.user_id;
    RETURN NEXT;
END
$$;
REVOKE ALL ON FUNCTION event_erase_step FROM PUBLIC;

-- The only change that a row may see.
CREATE FUNCTION events_allow_erasure() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.payload::text <> '{}' OR NEW.contents IS NOT NULL OR NEW.traceparent IS NOT NULL
        OR (NEW.seq, NEW.id, NEW.user_id, NEW.event_type, NEW."timestamp", NEW.received_at, NEW.account_id)
            IS DISTINCT FROM
            (OLD.seq, OLD.id, OLD.user_id, OLD.event_type, OLD."timestamp", OLD.received_at, OLD.account_id)
        OR NOT EXISTS (
            SELECT FROM public.events AS d
            WHERE d.user_id = NEW.user_id AND d.event_type = 'UserDeleted')
    THEN
        RAISE EXCEPTION 'events are append-only: only what the events of deleted users say is erased';
    END IF;
    RETURN NEW;
END
$$;

DO $do$
DECLARE
    base text := regexp_replace(current_user, '_owner$', '');
    erase_role text := base || '_erase';
BEGIN
    IF base = current_user OR NOT EXISTS (SELECT FROM pg_roles WHERE rolname = base) THEN
        erase_role := current_user;
    ELSIF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = erase_role) THEN
        RAISE EXCEPTION 'role % is missing: CREATE ROLE % NOLOGIN; GRANT % TO %', erase_role, erase_role,
            erase_role, current_user;
    END IF;
    EXECUTE format($sql$
        CREATE OR REPLACE FUNCTION events_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $body$
        BEGIN
            IF TG_OP = 'UPDATE' AND current_user = %L THEN
                RETURN NULL;
            END IF;
            RAISE EXCEPTION 'events are append-only: %% is refused', TG_OP;
        END
        $body$
        $sql$, erase_role);
    EXECUTE format($sql$
        CREATE TRIGGER events_are_only_erased
            BEFORE UPDATE ON events
            FOR EACH ROW WHEN (current_user = %L) EXECUTE FUNCTION events_allow_erasure()
        $sql$, erase_role);
    ALTER TABLE events ENABLE ALWAYS TRIGGER events_are_only_erased;
    IF erase_role = current_user THEN
        RETURN;
    END IF;
    EXECUTE format('GRANT SELECT, INSERT ON event_erasures TO %I', base);
    EXECUTE format('GRANT EXECUTE ON FUNCTION event_erase_step TO %I', base);
    EXECUTE format('GRANT USAGE ON SCHEMA public TO %I', erase_role);
    EXECUTE format('GRANT SELECT (seq, user_id, event_type, payload_bytes),'
        ' UPDATE (payload, contents, traceparent) ON events TO %I', erase_role);
    EXECUTE format('GRANT SELECT, UPDATE (after_seq, completed_at) ON event_erasures TO %I', erase_role);
    -- Who is given a function may create in its schema; for this moment only.
    EXECUTE format('GRANT CREATE ON SCHEMA public TO %I', erase_role);
    EXECUTE format('ALTER FUNCTION event_erase_step OWNER TO %I', erase_role);
    EXECUTE format('REVOKE CREATE ON SCHEMA public FROM %I', erase_role);
END
$do$;
