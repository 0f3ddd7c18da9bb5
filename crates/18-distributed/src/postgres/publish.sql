-- Stores messages, all of them in one transaction, and says of each, by its position from 1, whether it
-- was `stored`, is a `duplicate`, or the queue is `full`. No id is twice among them.
CREATE OR REPLACE FUNCTION publish(
    of_queue int,
    message_ids text[],
    keys text[],
    partitions int[],
    bodies bytea[],
    dedup_window interval,
    -- NULL: no limit.
    max_messages int
) RETURNS TABLE (nth bigint, outcome text) LANGUAGE plpgsql
-- For the reason that `claim` has.
SET enable_seqscan = off
AS $$
#variable_conflict use_column
DECLARE
    -- LIMIT NULL is no limit.
    fit int;
    -- Which of the ids are remembered.
    known text[];
    -- A variable, because `clock_timestamp()` is another time for each row, so no index could find it.
    moment timestamptz;
BEGIN
    IF max_messages IS NOT NULL THEN
        -- Only where the number is bounded do publishers wait for each other.
        SELECT room INTO STRICT fit FROM queue WHERE id = of_queue FOR UPDATE;
        IF fit < cardinality(bodies) THEN
            SELECT greatest(max_messages - count(*), 0) INTO fit FROM message WHERE queue = of_queue;
        END IF;
    END IF;

    moment := clock_timestamp();

    -- Forgets two ids for each new one, so the table does not grow.
    DELETE FROM remembered WHERE ctid = ANY (ARRAY(
        SELECT ctid FROM remembered WHERE until <= moment
        ORDER BY until LIMIT 2 * cardinality(message_ids)
        FOR UPDATE SKIP LOCKED
    ));

    known := ARRAY(
        SELECT message_id FROM remembered
        WHERE queue = of_queue AND message_id = ANY (message_ids) AND until > moment
    );
    RETURN QUERY
    WITH sent AS MATERIALIZED (
        SELECT *, coalesce(message_id = ANY (known), false) AS is_known
        FROM unnest(message_ids, keys, partitions, bodies)
            WITH ORDINALITY AS sent (message_id, key, partition, body, nth)
    ), fitting AS MATERIALIZED (
        SELECT * FROM sent WHERE NOT is_known ORDER BY nth LIMIT fit
    ), learned AS (
        -- Sorted, so that two publishers of the same ids wait for each other in the same order.
        INSERT INTO remembered (queue, message_id, until)
        SELECT of_queue, message_id, moment + dedup_window
            FROM fitting WHERE message_id IS NOT NULL ORDER BY message_id
        -- Another publisher was faster, or its window has passed.
        ON CONFLICT (queue, message_id) DO UPDATE SET until = excluded.until
            WHERE remembered.until <= moment
        RETURNING message_id
    ), fresh AS MATERIALIZED (
        SELECT * FROM fitting
        WHERE message_id IS NULL OR message_id IN (SELECT message_id FROM learned)
    ), stored AS (
        INSERT INTO message (queue, partition, message_id, key, body)
        SELECT of_queue, partition, message_id, key, body FROM fresh ORDER BY nth
    ), taken AS (
        UPDATE queue SET room = fit - (SELECT count(*) FROM fresh)
        WHERE id = of_queue AND max_messages IS NOT NULL
    )
    SELECT nth, CASE
        WHEN nth IN (SELECT nth FROM fresh) THEN 'stored'
        WHEN is_known OR nth IN (SELECT nth FROM fitting) THEN 'duplicate'
        ELSE 'full'
    END FROM sent ORDER BY nth;

    -- Sent with the commit. One that wakes a worker for nothing does no harm.
    PERFORM pg_notify(current_schema(), of_queue || '.' || partition)
        FROM (SELECT DISTINCT unnest(partitions) AS partition) AS sent;
END $$;
