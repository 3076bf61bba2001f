-- Subject keys, wrapped by an epoch key that never lies in a database. A file of its own on SQLite.
CREATE TABLE key_head (
    id    INTEGER PRIMARY KEY CHECK (id = 1),
    epoch INTEGER NOT NULL
) STRICT;

CREATE TABLE subject_key (
    id      BLOB PRIMARY KEY,
    owner   BLOB NOT NULL,
    class   TEXT NOT NULL,
    epoch   INTEGER NOT NULL,
    wrapped BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX subject_key_owner ON subject_key (owner, class);

-- A subject who comes back needs a token younger than the erasure.
CREATE TABLE erased_owner (
    owner BLOB PRIMARY KEY,
    at_s  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
