-- Wrong guesses about a customer's facts, counted across agents, conversations and replicas.

-- `owner` and `fact` are keyed digests; neither what was guessed nor the fact's name is here.
-- `minute` is the minute (since 1970) after the guess: a record's time would tie the row to it.
CREATE TABLE guess (
    owner  BLOB NOT NULL,
    fact   BLOB NOT NULL,
    minute INTEGER NOT NULL,
    wrong  INTEGER NOT NULL,
    PRIMARY KEY (owner, fact, minute)
) STRICT, WITHOUT ROWID;
CREATE INDEX guess_minute ON guess (minute);
