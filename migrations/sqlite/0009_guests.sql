-- A guest's conversation that was attached after sign-in: whose its keys are now. Both are keyed
-- look-ups.
CREATE TABLE guest (
    guest BLOB PRIMARY KEY,
    owner BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX guest_owner ON guest (owner);
ALTER TABLE conversation ADD COLUMN attached INTEGER NOT NULL DEFAULT 0;
