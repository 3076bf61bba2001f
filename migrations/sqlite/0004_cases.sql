-- What a case needs to be finished after a crash, and what two people need to agree.

-- Index of the `erasure.executed` record; of the `key.destroyed` record; when the keys were gone.
ALTER TABLE erasure ADD COLUMN executed_seq INTEGER;
ALTER TABLE erasure ADD COLUMN gone_seq INTEGER;
ALTER TABLE erasure ADD COLUMN gone_us INTEGER;
-- One open case a subject; `owner` goes when the case is done.
CREATE UNIQUE INDEX erasure_owner ON erasure (owner) WHERE owner IS NOT NULL;

ALTER TABLE export ADD COLUMN approved_us INTEGER;

-- Tags whose key is gone, and the index of the record that says so: an export must name it.
CREATE TABLE erased_tag (
    tag    BLOB PRIMARY KEY,
    key_id BLOB NOT NULL,
    class  TEXT NOT NULL,
    seq    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX erased_tag_seq ON erased_tag (seq);

-- One person asked that a stopped target go on; it counts for this stop (`since_us`) alone.
CREATE TABLE switch_resume (
    target   TEXT PRIMARY KEY,
    since_us INTEGER NOT NULL,
    reason   TEXT NOT NULL,
    officer  TEXT NOT NULL,
    asked_us INTEGER NOT NULL
) STRICT;
