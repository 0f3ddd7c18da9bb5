-- Gives at most `wanted` messages of a partition to one worker: first those whose last delivery is over, then
-- new ones. Never more than `max_ack_pending` are delivered and not done.
--
-- A worker has its messages once this is committed, and the commit waits for the disk. With
-- `SET LOCAL synchronous_commit = off` in it four workers claimed single messages six times as fast. A server
-- that is killed then forgets the claims of the last moment, and delivers their messages a second time as if
-- it was the first.
--
-- Times and numbers are the database's: `ack_wait` needs no clock that all workers agree on.
--
-- It needs several statements, each of which sees what the others have done. As a function they are one
-- round trip and one transaction: if the caller is dropped or dies, all of it has happened or nothing.
CREATE OR REPLACE FUNCTION claim(
    of_queue int,
    of_partition int,
    wanted int,
    ack_wait interval,
    max_deliver int,
    max_ack_pending int
) RETURNS SETOF message LANGUAGE plpgsql
-- The rows of a queue change faster than the statistics about them. A plan that was made while the table
-- was small, or seemed to be, would read all of it.
SET enable_seqscan = off
AS $$
DECLARE
    state partition;
    moment timestamptz;
    count_claimed int;
BEGIN
    -- Idle workers ask once a second. A lock is a write, and a write waits for the disk.
    PERFORM FROM partition
        WHERE queue = of_queue AND number = of_partition AND (
            next_due <= clock_timestamp() OR EXISTS (
                SELECT FROM message
                WHERE queue = of_queue AND partition = of_partition AND deliveries = 0
            )
        );
    IF NOT FOUND THEN
        RETURN;
    END IF;

    -- The claims of one partition wait here for each other: only then can they count what is delivered. With
    -- four workers on one partition that costs a quarter of the claims per second. More partitions wait less.
    -- A later statement sees what those before it have committed. If all this was one statement, it would see
    -- the messages as they were before it waited.
    SELECT * INTO STRICT state FROM partition
        WHERE queue = of_queue AND number = of_partition FOR UPDATE;
    -- Not `now()`, which is the time before it waited.
    moment := clock_timestamp();

    IF state.next_due <= moment THEN
        -- The worker of their last delivery may be dead. Then this claim buries them.
        WITH over AS (
            DELETE FROM message
            WHERE id = ANY (ARRAY(
                SELECT id FROM message
                WHERE queue = of_queue AND partition = of_partition
                    AND deliveries > 0 AND due <= moment AND deliveries >= max_deliver
                FOR UPDATE SKIP LOCKED
            )) RETURNING *
        )
        INSERT INTO dead_letter (queue, message_id, key, body)
        SELECT queue, message_id, key, body FROM over ORDER BY id;

        RETURN QUERY UPDATE message
        SET deliveries = deliveries + 1, held = true, due = moment + ack_wait
        -- An array, and not `IN`: PostgreSQL does not know the LIMIT when it plans, expects a tenth of the
        -- table, and would join it.
        WHERE id = ANY (ARRAY(
            SELECT id FROM message
            WHERE queue = of_queue AND partition = of_partition AND deliveries > 0 AND due <= moment
            ORDER BY id + 0 LIMIT wanted
            -- A row that is locked is being settled at this moment.
            FOR UPDATE SKIP LOCKED
        )) RETURNING *;
        GET DIAGNOSTICS count_claimed = ROW_COUNT;
        wanted := wanted - count_claimed;

        SELECT min(due) INTO state.next_due FROM message
            WHERE queue = of_queue AND partition = of_partition AND deliveries > 0;
    END IF;

    -- It counts only if it must: with a bound of 1,000 and quick workers, at every hundredth message or less.
    IF state.room < wanted THEN
        SELECT greatest(max_ack_pending - count(*), 0) INTO state.room FROM message
            WHERE queue = of_queue AND partition = of_partition AND deliveries > 0;
    END IF;
    RETURN QUERY UPDATE message
    SET deliveries = 1, held = true, due = moment + ack_wait
    WHERE id = ANY (ARRAY(
        SELECT id FROM message
        WHERE queue = of_queue AND partition = of_partition AND deliveries = 0
        ORDER BY id + 0 LIMIT least(wanted, state.room)
        FOR UPDATE SKIP LOCKED
    )) RETURNING *;
    GET DIAGNOSTICS count_claimed = ROW_COUNT;

    state.blocked := state.room < wanted AND EXISTS (
        SELECT FROM message
        WHERE queue = of_queue AND partition = of_partition AND deliveries = 0
    );
    IF count_claimed > 0 THEN
        state.room := state.room - count_claimed;
        state.next_due := least(state.next_due, moment + ack_wait);
    END IF;
    UPDATE partition
    SET room = state.room, next_due = state.next_due, blocked = state.blocked
    WHERE queue = of_queue AND number = of_partition;
END $$;
