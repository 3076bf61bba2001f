-- What officers keep beside the ledger: holds, who may read which chats, counts of the last hours.

-- A hold keeps a customer's records from erasure. `place` is a keyed digest of its own, so that no
-- other table here tells whose it is; `sealed` says why, under a key that goes with the release.
CREATE TABLE hold (
    id          BLOB PRIMARY KEY,
    place       BLOB    NOT NULL,
    state       TEXT    NOT NULL,
    sealed      BLOB    NOT NULL,
    review_us   INTEGER NOT NULL,
    placed_us   INTEGER NOT NULL,
    placed_by   TEXT    NOT NULL,
    asked_by    TEXT,
    asked_us    INTEGER,
    released_us INTEGER,
    released_by TEXT
) STRICT;
CREATE INDEX hold_place ON hold (place);
CREATE INDEX hold_state ON hold (state, placed_us);

-- A record that a hold keeps after the customer was erased, whole and under the hold's key. `name`
-- is a keyed digest: which record it is stands inside.
CREATE TABLE keep (
    hold   BLOB NOT NULL,
    name   BLOB NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (hold, name)
) STRICT;

-- When a case's holds were served: its keys may go from then on.
ALTER TABLE erasure ADD COLUMN kept_us INTEGER;

-- Which chats a member of support may read, masked, and until when.
CREATE TABLE assignment (
    id           BLOB PRIMARY KEY,
    officer      TEXT    NOT NULL,
    owner        BLOB    NOT NULL,
    conversation BLOB,
    matter       TEXT    NOT NULL,
    until_us     INTEGER NOT NULL,
    made_us      INTEGER NOT NULL,
    made_by      TEXT    NOT NULL
) STRICT;
CREATE INDEX assignment_officer ON assignment (officer, until_us);
CREATE INDEX assignment_owner ON assignment (owner);
CREATE INDEX assignment_until ON assignment (until_us);

-- Counts by the hour of what no leaf says: codes of refusals, kinds of secrets that were removed,
-- acts about exports. Committed with the record they count.
CREATE TABLE figure (
    hour  INTEGER NOT NULL,
    name  TEXT    NOT NULL,
    label TEXT    NOT NULL,
    n     INTEGER NOT NULL,
    PRIMARY KEY (hour, name, label)
) STRICT, WITHOUT ROWID;
