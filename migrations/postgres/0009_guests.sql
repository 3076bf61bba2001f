-- A guest's conversation that was attached after sign-in: whose its keys are now. Both are keyed
-- look-ups.
CREATE TABLE guest (
    guest BYTEA PRIMARY KEY,
    owner BYTEA NOT NULL
);
CREATE INDEX guest_owner ON guest (owner);
ALTER TABLE conversation ADD COLUMN attached BIGINT NOT NULL DEFAULT 0;
