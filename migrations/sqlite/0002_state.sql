-- What the request path must remember beside the ledger. Every row here follows from records.

-- One row a replica; a lease that has ended lets others write `recovery` for its intents.
CREATE TABLE writer (
    id             TEXT PRIMARY KEY,
    lease_until_us INTEGER NOT NULL
) STRICT;

CREATE TABLE intent (
    request     BLOB PRIMARY KEY,
    idempotency BLOB NOT NULL,
    arguments   BLOB NOT NULL,
    key_id      BLOB NOT NULL,
    class       TEXT NOT NULL,
    writer      TEXT NOT NULL,
    seq         INTEGER NOT NULL,
    agent       TEXT NOT NULL,
    operation   TEXT NOT NULL,
    purpose     TEXT NOT NULL,
    policy      TEXT NOT NULL,
    outcome_seq INTEGER,
    opened_us   INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX intent_idempotency ON intent (idempotency);
CREATE INDEX intent_open ON intent (writer) WHERE outcome_seq IS NULL;

CREATE TABLE conversation (
    id        BLOB PRIMARY KEY,
    owner     BLOB NOT NULL,
    agent     TEXT NOT NULL,
    session   BLOB,
    guest     INTEGER NOT NULL,
    locale    TEXT NOT NULL,
    closed    INTEGER NOT NULL DEFAULT 0,
    turns     INTEGER NOT NULL DEFAULT 0,
    opened_us INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX conversation_session ON conversation (session) WHERE session IS NOT NULL;
CREATE INDEX conversation_owner ON conversation (owner);

-- Numbers of placeholders by keyed digest; no value is here.
CREATE TABLE placeholder (
    conversation BLOB NOT NULL,
    kind         TEXT NOT NULL,
    digest       BLOB NOT NULL,
    n            INTEGER NOT NULL,
    PRIMARY KEY (conversation, kind, digest)
) STRICT, WITHOUT ROWID;

CREATE TABLE switch (
    target   TEXT PRIMARY KEY,
    reason   TEXT NOT NULL,
    officer  TEXT NOT NULL,
    since_us INTEGER NOT NULL
) STRICT;

-- Full text of every policy that ever decided, by its SHA-256.
CREATE TABLE policy_version (
    version  TEXT PRIMARY KEY,
    sources  TEXT NOT NULL,
    since_us INTEGER NOT NULL
) STRICT;

CREATE TABLE erasure (
    id           BLOB PRIMARY KEY,
    owner        BLOB,
    state        TEXT NOT NULL,
    requested_us INTEGER NOT NULL,
    requester    TEXT NOT NULL,
    approver     TEXT,
    done_us      INTEGER,
    receipt      TEXT
) STRICT;

CREATE TABLE export (
    id           BLOB PRIMARY KEY,
    state        TEXT NOT NULL,
    request      TEXT NOT NULL,
    requested_us INTEGER NOT NULL,
    requester    TEXT NOT NULL,
    approver     TEXT,
    done_us      INTEGER
) STRICT;
