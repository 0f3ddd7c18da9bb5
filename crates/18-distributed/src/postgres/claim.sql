-- Gives messages of a partition to one worker: those whose last delivery is over, then new ones, and
-- never more than `max_ack_pending` at a time.
--
-- It is a function because it needs several statements that see each other's results, in one round trip
-- and one transaction: if its caller is cancelled or dies, all of it has happened or nothing.
CREATE OR REPLACE FUNCTION claim(
    of_queue int,
    of_partition int,
    wanted int,
    ack_wait interval,
    max_deliver int,
    max_ack_pending int
) RETURNS SETOF message LANGUAGE plpgsql AS $$
DECLARE
    state partition;
    moment timestamptz;
    claimed int := 0;
BEGIN
    -- An idle worker asks once a second. A lock is a write, for which the server waits for its disk.
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

    -- Claims of one partition wait here for each other. Each statement below sees what earlier claims
    -- have committed. A single statement would see the messages as they were before it waited.
    SELECT * INTO STRICT state FROM partition
        WHERE queue = of_queue AND number = of_partition FOR UPDATE;
    -- Not `now()`, which is the time before it waited.
    moment := clock_timestamp();

    IF state.next_due <= moment THEN
        -- Their worker may have died in the last delivery: then this claim buries them.
        WITH over AS (
            DELETE FROM message WHERE id IN (
                SELECT id FROM message
                WHERE queue = of_queue AND partition = of_partition
                    AND deliveries > 0 AND due <= moment AND deliveries >= max_deliver
                FOR UPDATE SKIP LOCKED
            ) RETURNING *
        )
        INSERT INTO dead_letter (queue, message_id, key, body)
            SELECT queue, message_id, key, body FROM over ORDER BY id;

        RETURN QUERY UPDATE message
            SET deliveries = deliveries + 1, held = true, due = moment + ack_wait
            WHERE id IN (
                SELECT id FROM message
                WHERE queue = of_queue AND partition = of_partition
                    AND deliveries > 0 AND due <= moment
                ORDER BY id LIMIT wanted
                -- A locked row is being settled at this moment: do not wait for it.
                FOR UPDATE SKIP LOCKED
            ) RETURNING *;
        GET DIAGNOSTICS claimed = ROW_COUNT;
        wanted := wanted - claimed;

        SELECT min(due) INTO state.next_due FROM message
            WHERE queue = of_queue AND partition = of_partition AND deliveries > 0;
    END IF;

    IF state.room < wanted THEN
        SELECT greatest(max_ack_pending - count(*), 0) INTO state.room FROM message
            WHERE queue = of_queue AND partition = of_partition AND deliveries > 0;
    END IF;
    RETURN QUERY UPDATE message
        SET deliveries = 1, held = true, due = moment + ack_wait
        WHERE id IN (
            SELECT id FROM message
            WHERE queue = of_queue AND partition = of_partition AND deliveries = 0
            ORDER BY id LIMIT least(wanted, state.room)
            FOR UPDATE SKIP LOCKED
        ) RETURNING *;
    GET DIAGNOSTICS claimed = ROW_COUNT;

    state.blocked := state.room < wanted AND EXISTS (
        SELECT FROM message
        WHERE queue = of_queue AND partition = of_partition AND deliveries = 0
    );

    IF claimed > 0 THEN
        state.room := state.room - claimed;
        state.next_due := least(state.next_due, moment + ack_wait);
    END IF;
    -- A claim that has changed nothing writes nothing.
    UPDATE partition
        SET room = state.room, next_due = state.next_due, blocked = state.blocked
        WHERE queue = of_queue AND number = of_partition
            AND (room, next_due, blocked) IS DISTINCT FROM (state.room, state.next_due, state.blocked);
END $$;
