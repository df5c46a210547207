-- A ban, a role that is taken away and the deletion of an administrator look for
-- the others, who are few among all the users.
CREATE INDEX users_administrators_idx ON users (user_id) WHERE role = 'admin';
