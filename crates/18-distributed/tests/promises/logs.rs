//! An append names the entry that it follows, and fails if another process was faster.

use bytes::Bytes;
use distributed::{AppendError, Entry, Log, MAX_BODY};
use futures::future::join_all;

use crate::{
    on_all::{on_all, on_all_stored, open},
    *,
};

async fn log(broker: &Arc<dyn Broker>) -> Arc<dyn Log> {
    broker.log("history").await.expect("a log")
}

async fn append(log: &Arc<dyn Log>, after: u64, body: &'static str) {
    let number = log.append(after, Bytes::from(body)).await.expect("it is appended");
    assert_eq!(number, after + 1);
}

async fn read(log: &Arc<dyn Log>, after: u64, max: usize) -> Vec<(u64, String)> {
    let entries = log.read(after, max).await.expect("entries");
    let pair = |entry: Entry| (entry.number, String::from_utf8_lossy(&entry.body).into());
    entries.into_iter().map(pair).collect()
}

fn entries(first: u64, bodies: &[&str]) -> Vec<(u64, String)> {
    (first..).zip(bodies.iter().map(|body| (*body).to_owned())).collect()
}

#[tokio::test]
async fn a_log_is_read_in_the_order_of_its_entries() {
    on_all(async |broker| {
        let log = log(&broker).await;
        assert_eq!(read(&log, 0, 10).await, []);
        for (after, body) in (0..).zip(["a", "b", "c", ""]) {
            append(&log, after, body).await;
        }
        assert_eq!(read(&log, 0, 10).await, entries(1, &["a", "b", "c", ""]));
        assert_eq!(read(&log, 1, 2).await, entries(2, &["b", "c"]));
        assert_eq!(read(&log, 4, 2).await, []);
        assert_eq!(read(&log, 99, 2).await, []);
        assert_eq!(read(&log, 0, 0).await, []);
    })
    .await;
}

#[tokio::test]
async fn an_append_that_does_not_follow_the_last_entry_fails_and_stores_nothing() {
    on_all(async |broker| {
        let log = log(&broker).await;
        append(&log, 0, "a").await;
        append(&log, 1, "b").await;
        for after in [0, 1, 3, 99] {
            let error =
                log.append(after, Bytes::from("x")).await.expect_err("a conflict");
            let AppendError::Conflict { after: named } = error else { panic!("{error}") };
            assert_eq!(named, after);
        }
        append(&log, 2, "c").await;
        assert_eq!(read(&log, 0, 10).await, entries(1, &["a", "b", "c"]));
    })
    .await;
}

#[tokio::test]
async fn of_several_processes_that_append_after_the_same_entry_one_succeeds() {
    on_all(async |broker| {
        let log = log(&broker).await;
        for after in 0..20 {
            let appended =
                (0..4).map(|writer: u8| log.append(after, vec![writer].into()));
            let appended = join_all(appended).await;
            let succeeded = appended.iter().filter(|result| result.is_ok()).count();
            assert_eq!(succeeded, 1, "after {after}: {appended:?}");
            let winner = appended.iter().position(Result::is_ok).expect("one of four");
            let stored = log.read(after, 10).await.expect("entries");
            assert_eq!(stored.len(), 1);
            assert_eq!(*stored[0].body, [u8::try_from(winner).expect("small")]);
        }
    })
    .await;
}

#[tokio::test]
async fn an_entry_that_is_too_large_is_refused() {
    on_all(async |broker| {
        let log = log(&broker).await;
        let error = log.append(0, vec![0; MAX_BODY + 1].into()).await.expect_err("large");
        let AppendError::TooLarge { size, limit } = error else { panic!("{error}") };
        assert!(size == MAX_BODY + 1 && limit <= MAX_BODY, "{size} of {limit}");
        let large = Bytes::from(vec![7; MAX_BODY - 1_000]);
        assert_eq!(log.append(0, large.clone()).await.expect("it is appended"), 1);
        assert_eq!(log.read(0, 1).await.expect("entries")[0].body, large);
    })
    .await;
}

#[tokio::test]
async fn two_logs_do_not_see_each_other() {
    on_all(async |broker| {
        let log = log(&broker).await;
        append(&log, 0, "a").await;
        let other = broker.log("other").await.expect("a log");
        append(&other, 0, "b").await;
        assert_eq!(read(&log, 0, 10).await, entries(1, &["a"]));
        // A queue may have the same name.
        let queue = broker.queue("history", settings()).await.expect("a queue");
        publish_all(&queue, ["c"]).await;
        assert_eq!(read(&log, 0, 10).await, entries(1, &["a"]));
    })
    .await;
}

#[tokio::test]
async fn a_log_that_is_opened_again_continues() {
    on_all_stored(async |location| {
        let broker = open(location).await;
        append(&log(&broker).await, 0, "a").await;
        append(&log(&broker).await, 1, "b").await;
        drop(broker);
        let log = log(&open(location).await).await;
        assert_eq!(read(&log, 0, 10).await, entries(1, &["a", "b"]));
        assert!(log.append(1, Bytes::from("x")).await.is_err());
        append(&log, 2, "c").await;
        assert_eq!(read(&log, 2, 10).await, entries(3, &["c"]));
    })
    .await;
}
