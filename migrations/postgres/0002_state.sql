-- What the request path must remember beside the ledger. Every row here follows from records.

-- One row a replica; a lease that has ended lets others write `recovery` for its intents.
CREATE TABLE writer (
    id             TEXT PRIMARY KEY,
    lease_until_us BIGINT NOT NULL
);

CREATE TABLE intent (
    request     BYTEA PRIMARY KEY,
    idempotency BYTEA NOT NULL,
    arguments   BYTEA NOT NULL,
    key_id      BYTEA NOT NULL,
    class       TEXT NOT NULL,
    writer      TEXT NOT NULL,
    seq         BIGINT NOT NULL,
    agent       TEXT NOT NULL,
    operation   TEXT NOT NULL,
    purpose     TEXT NOT NULL,
    policy      TEXT NOT NULL,
    outcome_seq BIGINT,
    opened_us   BIGINT NOT NULL
);
CREATE UNIQUE INDEX intent_idempotency ON intent (idempotency);
CREATE INDEX intent_open ON intent (writer) WHERE outcome_seq IS NULL;

CREATE TABLE conversation (
    id        BYTEA PRIMARY KEY,
    owner     BYTEA NOT NULL,
    agent     TEXT NOT NULL,
    session   BYTEA,
    guest     BIGINT NOT NULL,
    locale    TEXT NOT NULL,
    closed    BIGINT NOT NULL DEFAULT 0,
    turns     BIGINT NOT NULL DEFAULT 0,
    opened_us BIGINT NOT NULL
);
CREATE UNIQUE INDEX conversation_session ON conversation (session) WHERE session IS NOT NULL;
CREATE INDEX conversation_owner ON conversation (owner);

-- Numbers of placeholders by keyed digest; no value is here.
CREATE TABLE placeholder (
    conversation BYTEA NOT NULL,
    kind         TEXT NOT NULL,
    digest       BYTEA NOT NULL,
    n            BIGINT NOT NULL,
    PRIMARY KEY (conversation, kind, digest)
);

CREATE TABLE switch (
    target   TEXT PRIMARY KEY,
    reason   TEXT NOT NULL,
    officer  TEXT NOT NULL,
    since_us BIGINT NOT NULL
);

-- Full text of every policy that ever decided, by its SHA-256.
CREATE TABLE policy_version (
    version  TEXT PRIMARY KEY,
    sources  TEXT NOT NULL,
    since_us BIGINT NOT NULL
);

CREATE TABLE erasure (
    id           BYTEA PRIMARY KEY,
    owner        BYTEA,
    state        TEXT NOT NULL,
    requested_us BIGINT NOT NULL,
    requester    TEXT NOT NULL,
    approver     TEXT,
    done_us      BIGINT,
    receipt      TEXT
);

CREATE TABLE export (
    id           BYTEA PRIMARY KEY,
    state        TEXT NOT NULL,
    request      TEXT NOT NULL,
    requested_us BIGINT NOT NULL,
    requester    TEXT NOT NULL,
    approver     TEXT,
    done_us      BIGINT
);
