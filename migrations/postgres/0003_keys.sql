-- Subject keys, wrapped by an epoch key that never lies in a database. (A file of its own on SQLite.)
CREATE TABLE key_head (
    id    BIGINT PRIMARY KEY CHECK (id = 1),
    epoch BIGINT NOT NULL
);

CREATE TABLE subject_key (
    id      BYTEA PRIMARY KEY,
    owner   BYTEA NOT NULL,
    class   TEXT NOT NULL,
    epoch   BIGINT NOT NULL,
    wrapped BYTEA NOT NULL
);
CREATE UNIQUE INDEX subject_key_owner ON subject_key (owner, class);

-- A subject who comes back needs a token younger than the erasure.
CREATE TABLE erased_owner (
    owner BYTEA PRIMARY KEY,
    at_s  BIGINT NOT NULL
);
