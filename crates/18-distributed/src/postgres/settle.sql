-- Each function settles deliveries: `ids[n]` was delivered for the `nths[n]`th time. If it was delivered again
-- since, another worker has it, and only an acknowledgement still counts.

-- Removes messages. If they were only marked as done, every later claim would read past them.
CREATE OR REPLACE FUNCTION ack(of_queue int, ids bigint[])
RETURNS void LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
    partitions int[];
BEGIN
    -- In one order, so that two batches with the same messages do not deadlock. `id + 0` as in `claim`.
    PERFORM FROM message WHERE id = ANY (ids) ORDER BY id + 0 FOR UPDATE;
    WITH done AS (
        DELETE FROM message WHERE id = ANY (ids) AND queue = of_queue RETURNING partition
    )
    SELECT array_agg(DISTINCT partition) INTO partitions FROM done;
    PERFORM wake_blocked(of_queue, partitions);
END $$;

-- Makes messages dead letters.
CREATE OR REPLACE FUNCTION term(of_queue int, ids bigint[], nths int[])
RETURNS void LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
    partitions int[];
BEGIN
    ids := lock_delivered(of_queue, ids, nths);
    WITH over AS (
        DELETE FROM message WHERE id = ANY (ids) RETURNING *
    ), buried AS (
        INSERT INTO dead_letter (queue, message_id, key, body)
        SELECT queue, message_id, key, body FROM over ORDER BY id
    )
    SELECT array_agg(DISTINCT partition) INTO partitions FROM over;
    PERFORM wake_blocked(of_queue, partitions);
END $$;

-- Returns messages to the queue, for another delivery after `delay`.
CREATE OR REPLACE FUNCTION nak(of_queue int, ids bigint[], nths int[], delay interval)
RETURNS void LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
    next timestamptz := clock_timestamp() + delay;
    partitions int[];
BEGIN
    ids := lock_delivered(of_queue, ids, nths);
    WITH returned AS (
        UPDATE message SET held = false, due = next WHERE id = ANY (ids) RETURNING partition
    )
    SELECT array_agg(DISTINCT partition) INTO partitions FROM returned;
    -- From then on claims look for it. A worker that sleeps longer wakes up, to look at the time.
    UPDATE partition SET next_due = least(next_due, next)
        WHERE queue = of_queue AND number = ANY (partitions);
    PERFORM pg_notify(current_schema(), of_queue || '.' || number) FROM unnest(partitions) AS number;
END $$;

-- Begins the time of a delivery again. The partition need not know: it may look too early, never too late.
CREATE OR REPLACE FUNCTION in_progress(of_queue int, ids bigint[], nths int[], ack_wait interval)
RETURNS void LANGUAGE plpgsql SET enable_seqscan = off AS $$
BEGIN
    ids := lock_delivered(of_queue, ids, nths);
    UPDATE message SET due = clock_timestamp() + ack_wait WHERE id = ANY (ids) AND held;
END $$;

-- Locks the messages whose delivery is still the last one, and returns their ids.
CREATE OR REPLACE FUNCTION lock_delivered(of_queue int, ids bigint[], nths int[])
RETURNS bigint[] LANGUAGE plpgsql SET enable_seqscan = off AS $$
BEGIN
    RETURN ARRAY(
        SELECT id FROM message
        WHERE id = ANY (ids) AND queue = of_queue AND deliveries = nths[array_position(ids, id)]
        ORDER BY id + 0 FOR UPDATE
    );
END $$;

-- Wakes a worker of each partition where too many were delivered.
CREATE OR REPLACE FUNCTION wake_blocked(of_queue int, partitions int[])
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify(current_schema(), queue || '.' || number) FROM partition
        WHERE queue = of_queue AND number = ANY (partitions) AND blocked;
END $$;
