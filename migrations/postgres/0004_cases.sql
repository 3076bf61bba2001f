-- What a case needs to be finished after a crash, and what two people need to agree.

-- Index of the `erasure.executed` record; of the `key.destroyed` record; when the keys were gone.
ALTER TABLE erasure ADD COLUMN executed_seq BIGINT;
ALTER TABLE erasure ADD COLUMN gone_seq BIGINT;
ALTER TABLE erasure ADD COLUMN gone_us BIGINT;
-- One open case a subject; `owner` goes when the case is done.
CREATE UNIQUE INDEX erasure_owner ON erasure (owner) WHERE owner IS NOT NULL;

ALTER TABLE export ADD COLUMN approved_us BIGINT;

-- Tags whose key is gone, and the index of the record that says so: an export must name it.
CREATE TABLE erased_tag (
    tag    BYTEA PRIMARY KEY,
    key_id BYTEA NOT NULL,
    class  TEXT NOT NULL,
    seq    BIGINT NOT NULL
);
CREATE INDEX erased_tag_seq ON erased_tag (seq);

-- One person asked that a stopped target go on; it counts for this stop (`since_us`) alone.
CREATE TABLE switch_resume (
    target   TEXT PRIMARY KEY,
    since_us BIGINT NOT NULL,
    reason   TEXT NOT NULL,
    officer  TEXT NOT NULL,
    asked_us BIGINT NOT NULL
);
