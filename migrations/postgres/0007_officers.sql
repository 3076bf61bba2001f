-- What officers keep beside the ledger: holds, who may read which chats, counts of the last hours.

-- A hold keeps a customer's records from erasure. `place` is a keyed digest of its own, so that no
-- other table here tells whose it is; `sealed` says why, under a key that goes with the release.
CREATE TABLE hold (
    id          BYTEA PRIMARY KEY,
    place       BYTEA   NOT NULL,
    state       TEXT    NOT NULL,
    sealed      BYTEA   NOT NULL,
    review_us   BIGINT NOT NULL,
    placed_us   BIGINT NOT NULL,
    placed_by   TEXT    NOT NULL,
    asked_by    TEXT,
    asked_us    BIGINT,
    released_us BIGINT,
    released_by TEXT
);
CREATE INDEX hold_place ON hold (place);
CREATE INDEX hold_state ON hold (state, placed_us);

-- A record that a hold keeps after the customer was erased, whole and under the hold's key. `name`
-- is a keyed digest: which record it is stands inside.
CREATE TABLE keep (
    hold   BYTEA NOT NULL,
    name   BYTEA NOT NULL,
    sealed BYTEA NOT NULL,
    PRIMARY KEY (hold, name)
);

-- When a case's holds were served: its keys may go from then on.
ALTER TABLE erasure ADD COLUMN kept_us BIGINT;

-- Which chats a member of support may read, masked, and until when.
CREATE TABLE assignment (
    id           BYTEA PRIMARY KEY,
    officer      TEXT    NOT NULL,
    owner        BYTEA   NOT NULL,
    conversation BYTEA,
    matter       TEXT    NOT NULL,
    until_us     BIGINT NOT NULL,
    made_us      BIGINT NOT NULL,
    made_by      TEXT    NOT NULL
);
CREATE INDEX assignment_officer ON assignment (officer, until_us);
CREATE INDEX assignment_owner ON assignment (owner);
CREATE INDEX assignment_until ON assignment (until_us);

-- Counts by the hour of what no leaf says: codes of refusals, kinds of secrets that were removed,
-- acts about exports. Committed with the record they count.
CREATE TABLE figure (
    hour  BIGINT NOT NULL,
    name  TEXT    NOT NULL,
    label TEXT    NOT NULL,
    n     BIGINT NOT NULL,
    PRIMARY KEY (hour, name, label)
);
