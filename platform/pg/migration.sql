-- What migrations may call: the runner makes it before each and drops it behind, in the
-- migration's own transaction, so that no database keeps it.

-- Grants to the run role, or to another role of the service by its suffix ("_read"). The
-- roles are named after the owner, who migrates: ql_x_owner, ql_x, ql_x_read. Where the
-- owner runs the service as well, or the role is not there, nothing is granted.
-- name: migration_grant_create
CREATE OR REPLACE FUNCTION ql_grant(rights text, suffix text DEFAULT '') RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    grantee text := regexp_replace(current_user, '_owner$', suffix);
BEGIN
    IF grantee <> current_user AND EXISTS (SELECT FROM pg_roles WHERE rolname = grantee) THEN
        EXECUTE format('GRANT %s TO %I', rights, grantee);
    END IF;
END
$$;

-- name: migration_grant_drop
DROP FUNCTION ql_grant(text, text);
