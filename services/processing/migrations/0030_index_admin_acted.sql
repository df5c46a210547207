-- The audit trail is asked by administrator and by target.
CREATE INDEX events_audit_actor_idx ON events ((payload ->> 'actorId'), seq)
    WHERE event_type = 'AdminActed';
CREATE INDEX events_audit_target_idx ON events ((payload ->> 'target'), seq)
    WHERE event_type = 'AdminActed';
