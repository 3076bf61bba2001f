-- The ledger: one head row, leaves and bodies. Nothing here is ever updated but the head.
CREATE TABLE ledger_head (
    id         BIGINT PRIMARY KEY CHECK (id = 1),
    log        TEXT    NOT NULL,
    size       BIGINT NOT NULL,
    hash       BYTEA    NOT NULL,
    time_us    BIGINT NOT NULL,
    generation BIGINT NOT NULL
);

CREATE TABLE ledger_leaf (
    seq  BIGINT PRIMARY KEY,
    hash BYTEA NOT NULL,
    line TEXT NOT NULL
);

CREATE TABLE ledger_body (
    seq    BIGINT PRIMARY KEY,
    key_id BYTEA NOT NULL,
    stored BYTEA NOT NULL
);

-- Counts the leaves of one tag; the next leaf's n.
CREATE TABLE ledger_tag (
    tag BYTEA PRIMARY KEY,
    n   BIGINT NOT NULL
);

-- Hashes of perfect subtrees at levels 8, 16, 24…; what lies between is recomputed.
CREATE TABLE ledger_node (
    level BIGINT NOT NULL,
    idx   BIGINT NOT NULL,
    hash  BYTEA    NOT NULL,
    PRIMARY KEY (level, idx)
);

CREATE TABLE ledger_checkpoint (
    size  BIGINT PRIMARY KEY,
    note  TEXT    NOT NULL,
    at_us BIGINT NOT NULL
);

-- Ids of destroyed keys, committed with the record that says so, before the key row goes.
CREATE TABLE destroyed_key (
    id    BYTEA PRIMARY KEY,
    at_us BIGINT NOT NULL,
    done  BIGINT NOT NULL DEFAULT 0
);

-- Built behind the log: finds a record by tag or by its public name.
CREATE TABLE record_index (
    seq BIGINT PRIMARY KEY,
    rid BYTEA    NOT NULL,
    tag BYTEA    NOT NULL
);
CREATE UNIQUE INDEX record_index_rid ON record_index (rid);
CREATE INDEX record_index_tag ON record_index (tag, seq);

CREATE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$;
CREATE FUNCTION body_goes_with_its_key() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM destroyed_key WHERE id = OLD.key_id) THEN
        RAISE EXCEPTION 'ledger_body goes only when its key is gone';
    END IF;
    RETURN OLD;
END $$;

CREATE TRIGGER ledger_leaf_append_only BEFORE UPDATE OR DELETE ON ledger_leaf
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER ledger_leaf_no_truncate BEFORE TRUNCATE ON ledger_leaf
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();
CREATE TRIGGER ledger_body_no_update BEFORE UPDATE ON ledger_body
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER ledger_body_no_truncate BEFORE TRUNCATE ON ledger_body
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();
CREATE TRIGGER ledger_body_no_delete BEFORE DELETE ON ledger_body
    FOR EACH ROW EXECUTE FUNCTION body_goes_with_its_key();
CREATE TRIGGER ledger_checkpoint_append_only BEFORE UPDATE OR DELETE ON ledger_checkpoint
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER destroyed_key_no_delete BEFORE DELETE ON destroyed_key
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER ledger_checkpoint_no_truncate BEFORE TRUNCATE ON ledger_checkpoint
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();
CREATE TRIGGER destroyed_key_no_truncate BEFORE TRUNCATE ON destroyed_key
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();
CREATE TRIGGER destroyed_key_no_update BEFORE UPDATE ON destroyed_key FOR EACH ROW
    WHEN (NEW.id <> OLD.id OR NEW.at_us <> OLD.at_us OR NEW.done < OLD.done)
    EXECUTE FUNCTION append_only();
