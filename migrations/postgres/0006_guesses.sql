-- Wrong guesses about a customer's facts, counted across agents, conversations and replicas.

-- `owner` and `fact` are keyed digests; neither what was guessed nor the fact's name is here.
-- `minute` is the minute (since 1970) after the guess: a record's time would tie the row to it.
CREATE TABLE guess (
    owner  BYTEA NOT NULL,
    fact   BYTEA NOT NULL,
    minute BIGINT NOT NULL,
    wrong  BIGINT NOT NULL,
    PRIMARY KEY (owner, fact, minute)
);
CREATE INDEX guess_minute ON guess (minute);
