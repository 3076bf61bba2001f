-- Whose tokens are refused. `target` is a keyed digest: a row names nobody but an agent.
CREATE TABLE revocation (
    id           BLOB PRIMARY KEY,
    kind         TEXT    NOT NULL,
    target       BLOB    NOT NULL,
    agent        TEXT,
    reason       TEXT    NOT NULL,
    officer      TEXT    NOT NULL,
    since_us     INTEGER NOT NULL,
    -- Tokens issued up to then are refused, as long as it is not later than `until_s`.
    before_s     INTEGER NOT NULL,
    until_s      INTEGER NOT NULL,
    -- One person's wish that it be lifted.
    lift_officer TEXT,
    lift_us      INTEGER
) STRICT;
CREATE UNIQUE INDEX revocation_target ON revocation (target);
CREATE INDEX revocation_until ON revocation (until_s);
CREATE INDEX revocation_since ON revocation (since_us, id);
