-- The tables of one namespace, in its own schema, which is the `search_path` of every connection.

CREATE TABLE IF NOT EXISTS queue (
    id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL UNIQUE,
    -- At least so many messages fit. An acknowledgement does not change it, so that workers do not wait for
    -- each other at this row: only counting finds the room that it has made.
    room int NOT NULL DEFAULT 0
);

-- What a claim can know of a partition without a look at its messages.
CREATE TABLE IF NOT EXISTS partition (
    queue int NOT NULL REFERENCES queue,
    number int NOT NULL,
    -- At least so many messages may be delivered for the first time. It is like `queue.room`.
    room int NOT NULL DEFAULT 0,
    -- Before this time no message has to be delivered again. NULL: none is delivered.
    next_due timestamptz,
    -- Whether `max_ack_pending` has kept the last claim from a message.
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
    -- When it is delivered again. NULL before its first delivery.
    due timestamptz,
    -- Whether a worker has it until then.
    held boolean NOT NULL DEFAULT false
);
-- A message is in the first index until its first delivery, and then in the second one until it is done. So
-- a claim reads neither those that others hold nor those that wait behind its own.
--
-- `id + 0`, because the primary key is sorted by `id` too: to find the lowest id of a partition, PostgreSQL
-- might read that one, past the messages of all other partitions and those that others hold. No other index
-- is sorted by `id + 0`.
CREATE INDEX IF NOT EXISTS message_new ON message (queue, partition, (id + 0)) WHERE deliveries = 0;
CREATE INDEX IF NOT EXISTS message_delivered ON message (queue, partition, due) WHERE deliveries > 0;

-- The ids of messages that were stored, also of those that are done.
CREATE TABLE IF NOT EXISTS remembered (
    queue int NOT NULL,
    message_id text NOT NULL,
    until timestamptz NOT NULL,
    -- The id first: for a few of them, PostgreSQL might read all those of a queue.
    PRIMARY KEY (message_id, queue)
);
CREATE INDEX IF NOT EXISTS remembered_until ON remembered (until);

CREATE TABLE IF NOT EXISTS dead_letter (
    queue int NOT NULL,
    -- The order in which they became so.
    id bigint GENERATED ALWAYS AS IDENTITY,
    message_id text,
    key text,
    body bytea NOT NULL,
    PRIMARY KEY (queue, id)
);

-- The primary key decides which of two appenders has continued a log.
CREATE TABLE IF NOT EXISTS entry (
    log text NOT NULL,
    number bigint NOT NULL,
    body bytea NOT NULL,
    PRIMARY KEY (log, number)
);
