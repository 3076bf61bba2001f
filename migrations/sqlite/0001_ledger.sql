-- The ledger: one head row, leaves and bodies. Nothing here is ever updated but the head.
CREATE TABLE ledger_head (
    id         INTEGER PRIMARY KEY CHECK (id = 1),
    log        TEXT    NOT NULL,
    size       INTEGER NOT NULL,
    hash       BLOB    NOT NULL,
    time_us    INTEGER NOT NULL,
    generation INTEGER NOT NULL
) STRICT;

CREATE TABLE ledger_leaf (
    seq  INTEGER PRIMARY KEY,
    hash BLOB NOT NULL,
    line TEXT NOT NULL
) STRICT;

CREATE TABLE ledger_body (
    seq    INTEGER PRIMARY KEY,
    key_id BLOB NOT NULL,
    stored BLOB NOT NULL
) STRICT;

-- Counts the leaves of one tag; the next leaf's n.
CREATE TABLE ledger_tag (
    tag BLOB PRIMARY KEY,
    n   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Hashes of perfect subtrees at levels 8, 16, 24…; what lies between is recomputed.
CREATE TABLE ledger_node (
    level INTEGER NOT NULL,
    idx   INTEGER NOT NULL,
    hash  BLOB    NOT NULL,
    PRIMARY KEY (level, idx)
) STRICT, WITHOUT ROWID;

CREATE TABLE ledger_checkpoint (
    size  INTEGER PRIMARY KEY,
    note  TEXT    NOT NULL,
    at_us INTEGER NOT NULL
) STRICT;

-- Ids of destroyed keys, committed with the record that says so, before the key row goes.
CREATE TABLE destroyed_key (
    id    BLOB PRIMARY KEY,
    at_us INTEGER NOT NULL,
    done  INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

CREATE TRIGGER ledger_leaf_no_update BEFORE UPDATE ON ledger_leaf
BEGIN SELECT RAISE(ABORT, 'ledger_leaf is append-only'); END;
CREATE TRIGGER ledger_leaf_no_delete BEFORE DELETE ON ledger_leaf
BEGIN SELECT RAISE(ABORT, 'ledger_leaf is append-only'); END;
CREATE TRIGGER ledger_body_no_update BEFORE UPDATE ON ledger_body
BEGIN SELECT RAISE(ABORT, 'ledger_body is append-only'); END;
CREATE TRIGGER ledger_body_no_delete BEFORE DELETE ON ledger_body
WHEN NOT EXISTS (SELECT 1 FROM destroyed_key WHERE id = OLD.key_id)
BEGIN SELECT RAISE(ABORT, 'ledger_body goes only when its key is gone'); END;
CREATE TRIGGER ledger_checkpoint_no_update BEFORE UPDATE ON ledger_checkpoint
BEGIN SELECT RAISE(ABORT, 'ledger_checkpoint is append-only'); END;
CREATE TRIGGER ledger_checkpoint_no_delete BEFORE DELETE ON ledger_checkpoint
BEGIN SELECT RAISE(ABORT, 'ledger_checkpoint is append-only'); END;
CREATE TRIGGER destroyed_key_no_delete BEFORE DELETE ON destroyed_key
BEGIN SELECT RAISE(ABORT, 'destroyed_key is append-only'); END;

CREATE TRIGGER destroyed_key_no_update BEFORE UPDATE ON destroyed_key
WHEN NEW.id <> OLD.id OR NEW.at_us <> OLD.at_us OR NEW.done < OLD.done
BEGIN SELECT RAISE(ABORT, 'destroyed_key is append-only'); END;
-- REPLACE deletes without a delete trigger. The last two are written again as they are.
CREATE TRIGGER ledger_leaf_no_replace BEFORE INSERT ON ledger_leaf
WHEN EXISTS (SELECT 1 FROM ledger_leaf WHERE seq = NEW.seq)
BEGIN SELECT RAISE(ABORT, 'ledger_leaf is append-only'); END;
CREATE TRIGGER ledger_body_no_replace BEFORE INSERT ON ledger_body
WHEN EXISTS (SELECT 1 FROM ledger_body WHERE seq = NEW.seq)
BEGIN SELECT RAISE(ABORT, 'ledger_body is append-only'); END;
CREATE TRIGGER ledger_checkpoint_no_replace BEFORE INSERT ON ledger_checkpoint
WHEN EXISTS (SELECT 1 FROM ledger_checkpoint WHERE size = NEW.size)
BEGIN SELECT RAISE(IGNORE); END;
CREATE TRIGGER destroyed_key_no_replace BEFORE INSERT ON destroyed_key
WHEN EXISTS (SELECT 1 FROM destroyed_key WHERE id = NEW.id)
BEGIN SELECT RAISE(IGNORE); END;

-- Built behind the log: finds a record by tag or by its public name.
CREATE TABLE record_index (
    seq INTEGER PRIMARY KEY,
    rid BLOB    NOT NULL,
    tag BLOB    NOT NULL
) STRICT;
CREATE UNIQUE INDEX record_index_rid ON record_index (rid);
CREATE INDEX record_index_tag ON record_index (tag, seq);
