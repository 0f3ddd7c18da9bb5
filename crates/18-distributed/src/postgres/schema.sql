-- The tables of one namespace, in its own schema, which is the `search_path` of every connection.

CREATE TABLE IF NOT EXISTS queue (
    id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL UNIQUE,
    -- At least so many messages fit. An acknowledgement does not change it: only counting finds the room
    -- that it has made, so that workers do not wait for each other at this row.
    room int NOT NULL DEFAULT 0
);

-- What a claim needs to know without looking at the messages. Its row lock makes one claim in a
-- partition wait for the other.
CREATE TABLE IF NOT EXISTS partition (
    queue int NOT NULL REFERENCES queue,
    number int NOT NULL,
    -- At least so many messages may be delivered for the first time, as `queue.room`.
    room int NOT NULL DEFAULT 0,
    -- Before this time no message has to be delivered again. NULL: none is delivered.
    next_due timestamptz,
    -- Whether a claim got less than it wanted, because `max_ack_pending` messages are delivered.
    blocked boolean NOT NULL DEFAULT false,
    PRIMARY KEY (queue, number)
);

CREATE TABLE IF NOT EXISTS message (
    -- The order of storage.
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    queue int NOT NULL,
    partition int NOT NULL,
    message_id text,
    key text,
    body bytea NOT NULL,
    deliveries int NOT NULL DEFAULT 0,
    -- Whether a worker has it. NULL before the first delivery, as `due`.
    held boolean,
    -- When it is delivered again.
    due timestamptz
);
-- Each message is in exactly one of these: it leaves the first with its first delivery, and the second
-- with its acknowledgement.
CREATE INDEX IF NOT EXISTS message_new ON message (queue, partition, id) WHERE deliveries = 0;
CREATE INDEX IF NOT EXISTS message_delivered ON message (queue, partition, due) WHERE deliveries > 0;
-- A queue changes all its rows all the time, so a fifth of the table, the default, is no measure of what
-- there is to clean. With these, autovacuum cleans at each of its visits, once a minute.
ALTER TABLE message SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

-- The ids of messages that were stored, also of those that are already done.
CREATE TABLE IF NOT EXISTS remembered (
    queue int NOT NULL,
    message_id text NOT NULL,
    until timestamptz NOT NULL,
    PRIMARY KEY (queue, message_id)
);
CREATE INDEX IF NOT EXISTS remembered_until ON remembered (until);

CREATE TABLE IF NOT EXISTS dead_letter (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    queue int NOT NULL,
    message_id text,
    key text,
    body bytea NOT NULL
);
CREATE INDEX IF NOT EXISTS dead_letter_queue ON dead_letter (queue, id);

-- The primary key decides which of two appenders has continued a log.
CREATE TABLE IF NOT EXISTS entry (
    log text NOT NULL,
    number bigint NOT NULL,
    body bytea NOT NULL,
    PRIMARY KEY (log, number)
);
