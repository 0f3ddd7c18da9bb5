//! What a claim costs does not depend on what is done, what others hold, or what waits behind.

use std::{num::NonZeroUsize, sync::Arc, time::Duration};

use distributed::{Broker, Message, Queue, Settings, Settle};
use sqlx::{Connection, PgConnection, Row, raw_sql};
use tokio::time::sleep;

use crate::space::on_postgres;

const BATCH: NonZeroUsize = NonZeroUsize::new(250).unwrap();

async fn publish(queue: &Arc<dyn Queue>, count: usize, key: &str) {
    let message = |n: usize| Message::new(n.to_string()).key(key);
    let outcomes = queue.publish((0..count).map(message).collect()).await;
    assert!(outcomes.iter().all(Result::is_ok));
}

/// How many pages the server reads for a claim, whose message then waits again.
async fn pages(session: &mut PgConnection) -> i64 {
    pages_of(session, "claim(1, 0, 1, '30s', 3, 10000)").await
}

/// How many pages the server reads for this call, which is then rolled back.
async fn pages_of(session: &mut PgConnection, call: &str) -> i64 {
    // The first one reads what the planner needs, too.
    pages_of_one(session, call).await;
    pages_of_one(session, call).await
}

async fn pages_of_one(session: &mut PgConnection, call: &str) -> i64 {
    let explain = format!("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT * FROM {call}");
    let mut transaction = session.begin().await.unwrap();
    let plan =
        raw_sql(sqlx::AssertSqlSafe(explain)).fetch_one(&mut *transaction).await.unwrap();
    let plan: String = plan.try_get_unchecked(0).unwrap();
    transaction.rollback().await.unwrap();
    let plan: serde_json::Value = serde_json::from_str(&plan).unwrap();
    let plan = &plan[0]["Plan"];
    plan["Shared Hit Blocks"].as_i64().unwrap()
        + plan["Shared Read Blocks"].as_i64().unwrap()
}

#[tokio::test]
async fn a_claim_reads_no_more_after_many_messages_were_done() {
    on_postgres(async |space| {
        let queue = space.broker.queue("jobs", Settings::default()).await.unwrap();
        let mut session = space.session().await;
        // The server's own vacuum would do it after a minute.
        let off = "ALTER TABLE message SET (autovacuum_enabled = off)";
        raw_sql(off).execute(&mut session).await.unwrap();
        publish(&queue, 1, "key").await;
        let before = pages(&mut session).await;
        let mut after = 0;
        // A vacuum cleans nothing while a test beside this one has an open transaction. Then the next does.
        for _ in 0..10 {
            publish(&queue, 12_500, "key").await;
            for _ in 0..50 {
                let batch = queue.receive(0, BATCH).await.unwrap();
                let tokens: Vec<_> =
                    batch.into_iter().map(|delivery| delivery.token).collect();
                queue.settle(&tokens, Settle::Ack).await;
            }
            for _ in 0..20 {
                after = pages(&mut session).await;
                if after < before + 40 {
                    return;
                }
                sleep(Duration::from_millis(50)).await;
            }
        }
        panic!("{before} pages before, {after} after");
    })
    .await;
}

#[tokio::test]
async fn a_claim_reads_neither_what_waits_nor_what_others_hold() {
    on_postgres(async |space| {
        let settings = Settings { max_ack_pending: 10_000, ..Settings::default() };
        let queue = space.broker.queue("jobs", settings).await.unwrap();
        let mut session = space.session().await;
        publish(&queue, 1, "key").await;
        let before = pages(&mut session).await;

        publish(&queue, 9_000, "key").await;
        // For the statistics no message is held, and all are in this partition.
        raw_sql("ANALYZE message").execute(&mut session).await.unwrap();
        let mut held = Vec::new();
        for _ in 0..32 {
            held.extend(queue.receive(0, BATCH).await.unwrap());
        }
        // This session has plans from the time when the table was small, and the other one has none yet.
        for session in [&mut session, &mut space.session().await] {
            assert_becomes_cheap(session, before).await;
        }
    })
    .await;
}

/// What is claimed leaves the first index with a vacuum. It cleans nothing while a test beside this one has
/// an open transaction.
async fn assert_becomes_cheap(session: &mut PgConnection, before: i64) {
    let mut after = 0;
    for _ in 0..100 {
        raw_sql("VACUUM message").execute(&mut *session).await.unwrap();
        after = pages(session).await;
        if after < before + 40 {
            return;
        }
        sleep(Duration::from_millis(50)).await;
    }
    panic!("{before} pages before, {after} after");
}

#[tokio::test]
async fn a_publisher_reads_no_more_if_many_ids_are_remembered() {
    on_postgres(async |space| {
        let queue = space.broker.queue("jobs", Settings::default()).await.unwrap();
        let mut session = space.session().await;
        let call = "publish(1, '{a}', '{k}', '{0}', '{x}', '2min', NULL)";
        let before = pages_of(&mut session, call).await;
        let message = |n: usize| Message::new("x").id(format!("id-{n}"));
        queue.publish((0..10_000).map(message).collect()).await;
        let after = pages_of(&mut session, call).await;
        assert!(after < before + 40, "{before} pages before, {after} after");
    })
    .await;
}
