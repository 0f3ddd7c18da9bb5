//! A change that is not in the journal is not in the queue, and no call reports it as stored.

use std::path::Path;

use futures::future::join_all;
use tempfile::TempDir;

use super::*;
use crate::{
    AppendError, BrokerError, PublishError, Settle, Status,
    embedded::{
        change::Change,
        failure::Failure,
        journal::Journal,
        store::{LoadedQueue, Store},
    },
};

/// A broker whose journal cannot have more pages than this, as if the disk were full then.
async fn with_pages(folder: &Path, pages: usize) -> Arc<Embedded> {
    let limit = |options: sqlx::sqlite::SqliteConnectOptions| {
        options.pragma("max_page_count", pages.to_string())
    };
    let journal = Journal::open_with(folder, limit).await.expect("a journal");
    Embedded::start(Store::Journal(Box::new(journal)), 1)
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

fn letter(id: impl Into<String>) -> Message {
    Message::new(vec![b'x'; 4_096]).id(id)
}

#[tokio::test]
async fn on_a_full_disk_nothing_is_acknowledged_that_is_not_stored() {
    let folder = folder();
    let broker = with_pages(folder.path(), 60).await;
    let queue = broker.queue("letters", quick()).await.expect("a queue");
    let mut stored = 0;
    let refused = loop {
        match queue.publish_one(letter(stored.to_string())).await {
            Ok(receipt) => assert!(!receipt.duplicate),
            Err(error) => break error,
        }
        stored += 1;
        assert!(stored < 1_000, "the disk is never full");
    };
    assert!(matches!(refused, PublishError::StoreFull), "{refused}");
    assert!(stored > 1, "nothing was stored");
    let status = Status { waiting: stored, ..Status::default() };
    assert_eq!(queue.status().await.expect("a status"), status);

    let log = broker.log("history").await.expect("a log");
    let error = log.append(0, vec![0; 9_000].into()).await.expect_err("no room");
    let AppendError::Broker(BrokerError::Server(why)) = error else { panic!("{error}") };
    assert_eq!(why, "the disk is full");

    // A removed message leaves room, and the id of the refused one is not remembered.
    for _ in 0..2 {
        receive(&queue).await.ack().await.expect("confirmed");
    }
    let receipt = queue.publish_one(letter(stored.to_string())).await;
    assert!(!receipt.expect("there is room").duplicate);
    assert_eq!(log.append(0, "x".into()).await.expect("there is room"), 1);

    drop((queue, log, broker));
    let broker = Embedded::open(folder.path()).await.expect("a broker");
    let queue = broker.queue("letters", quick()).await.expect("a queue");
    let status = Status { waiting: stored - 1, ..Status::default() };
    assert_eq!(queue.status().await.expect("a status"), status);
}

#[tokio::test]
async fn a_failed_transaction_fails_every_call_that_shared_it_and_no_other() {
    let folder = folder();
    let broker = with_pages(folder.path(), 60).await;
    let queue = broker.queue("letters", quick()).await.expect("a queue");
    publish(&queue, "held").await;
    let held = receive(&queue).await;
    // In one batch: two messages that would fit, one that does not, and a duplicate of the first.
    let too_much = Message::new(vec![b'x'; 900_000]);
    let messages = vec![letter("1"), too_much, letter("2"), letter("1")];
    let results = queue.publish(messages).await;
    let all_refused =
        results.iter().all(|result| matches!(result, Err(PublishError::StoreFull)));
    assert!(all_refused, "{results:?}");
    held.in_progress().await.expect("it needs no journal");
    held.ack().await.expect("confirmed");
    assert_eq!(queue.status().await.expect("a status"), Status::default());
    assert!(!queue.publish_one(letter("1")).await.expect("it fits").duplicate);
}

#[tokio::test]
async fn a_message_whose_delivery_cannot_be_counted_is_not_delivered_and_not_lost() {
    let folder = folder();
    let mut journal = Journal::open(folder.path()).await.expect("a journal");
    let fail = "CREATE TRIGGER fail BEFORE UPDATE OF deliveries ON messages
        BEGIN SELECT RAISE(ABORT, 'no count'); END";
    journal.execute(fail).await;
    let broker = Embedded::start(Store::Journal(Box::new(journal)), 1);
    let queue = broker.queue("letters", quick()).await.expect("a queue");
    publish(&queue, "a").await;
    for _ in 0..5 {
        let error = queue.receive_one().await.map(drop).expect_err("no delivery");
        assert!(error.to_string().ends_with("no count"), "{error}");
    }
    let status = Status { waiting: 1, ..Status::default() };
    assert_eq!(queue.status().await.expect("a status"), status);
    drop((queue, broker));

    let mut journal = Journal::open(folder.path()).await.expect("a journal");
    journal.execute("DROP TRIGGER fail").await;
    journal.close().await;
    let broker = Embedded::open(folder.path()).await.expect("a broker");
    let queue = broker.queue("letters", quick()).await.expect("a queue");
    assert_eq!(receive(&queue).await.deliveries, 1);
}

#[tokio::test]
async fn calls_that_wait_at_the_same_time_share_a_transaction() {
    let folder = folder();
    let broker = Embedded::open(folder.path()).await.expect("a broker");
    let queue = broker.queue("letters", quick()).await.expect("a queue");
    let published = (0..100).map(|n| queue.publish_one(letter(n.to_string())));
    assert!(join_all(published).await.iter().all(Result::is_ok));
    drop((queue, broker));
    let journal = Journal::open(folder.path()).await.expect("a journal");
    let commits = journal.commits();
    assert!((1..=2).contains(&commits), "{commits} transactions");
}

#[tokio::test]
async fn a_folder_that_is_open_is_refused_until_it_is_closed() {
    let folder = folder();
    let broker = Embedded::open(folder.path()).await.expect("a broker");
    let error = Embedded::open(folder.path()).await.expect_err("it is open");
    let error = error.to_string();
    assert!(error.contains("another process uses this folder"), "{error}");
    let queue = broker.queue("letters", quick()).await.expect("a queue");
    publish(&queue, "a").await;
    // A queue alone keeps it open.
    drop(broker);
    Embedded::open(folder.path()).await.expect_err("it is open");
    drop(queue);
    let broker = Embedded::open(folder.path()).await.expect("it is closed");
    let queue = broker.queue("letters", quick()).await.expect("a queue");
    assert_eq!(text(&receive(&queue).await), "a");
}

#[tokio::test]
async fn a_folder_that_cannot_be_used_is_refused_with_its_name() {
    let folder = folder();
    let file = folder.path().join("queues.db");
    std::fs::write(&file, "no database, but a text that is long enough to be one")
        .expect("a file");
    let beside = folder.path().join("a file");
    std::fs::write(&beside, "").expect("a file");
    for (path, why) in [
        (folder.path(), "it is not a journal of queues"),
        (&*beside, "cannot open"),
        (&*beside.join("below"), "cannot open"),
    ] {
        let error = Embedded::open(path).await.expect_err("no journal").to_string();
        assert!(error.contains(why), "{error}");
        assert!(error.contains(&*path.to_string_lossy()), "{error}");
    }
    let kept = std::fs::read_to_string(file).expect("the file");
    assert!(kept.starts_with("no database"), "it is not changed");
}

#[tokio::test]
async fn a_journal_of_another_version_is_refused_and_not_changed() {
    let folder = folder();
    drop(Embedded::open(folder.path()).await.expect("a broker"));
    let mut journal = Journal::open(folder.path()).await.expect("a journal");
    journal.execute("PRAGMA user_version = 2").await;
    journal.close().await;
    for _ in 0..2 {
        let error = Embedded::open(folder.path()).await.expect_err("another version");
        let error = error.to_string();
        assert!(error.contains("another version of this program wrote it"), "{error}");
    }
}

/// As if the connection had broken after the commit and before its answer: the changes are stored, and
/// storing them once more fails.
#[tokio::test]
async fn a_transaction_that_is_stored_although_its_commit_failed_counts() {
    let folder = folder();
    let mut journal = Journal::open(folder.path()).await.expect("a journal");
    let stored = || [store(7, "a")];
    journal.commit(&stored()).await.expect("it is stored");
    journal.forget_last_commit();
    journal.commit(&stored()).await.expect("it was stored after all");
    assert_eq!(bodies(&journal.load_queue("letters").await.expect("a queue")), ["a"]);
    journal.commit(&[store(8, "b")]).await.expect("the journal continues");
}

#[tokio::test]
async fn a_transaction_that_fails_for_its_content_is_not_stored_and_the_next_one_is() {
    let folder = folder();
    let mut journal = Journal::open(folder.path()).await.expect("a journal");
    journal.commit(&[store(7, "a")]).await.expect("it is stored");
    let error = journal.commit(&[store(8, "b"), store(7, "c")]).await;
    let Err(Failure::NotStored(why)) = error else { panic!("{error:?}") };
    assert!(why.contains("queues.db: UNIQUE constraint failed"), "{why}");
    journal.commit(&[store(8, "d")]).await.expect("it is stored");
    assert_eq!(
        bodies(&journal.load_queue("letters").await.expect("a queue")),
        ["a", "d"]
    );
}

#[tokio::test]
async fn a_journal_that_cannot_be_read_after_an_error_leaves_the_outcome_unknown() {
    let folder = folder();
    let mut journal = Journal::open(folder.path()).await.expect("a journal");
    journal.commit(&[store(7, "a")]).await.expect("it is stored");
    let (file, aside) = (folder.path().join("queues.db"), folder.path().join("aside"));
    std::fs::rename(&file, &aside).expect("it is moved");
    std::fs::create_dir(&file).expect("no database can be here");
    let error = journal.commit(&[store(7, "b")]).await;
    assert!(matches!(error, Err(Failure::Unknown(_))), "{error:?}");
    let error = journal.commit(&[store(8, "c")]).await;
    assert!(matches!(error, Err(Failure::NotStored(_))), "{error:?}");
    std::fs::remove_dir(&file).expect("it is removed");
    std::fs::rename(&aside, &file).expect("it is moved back");
    journal.commit(&[store(8, "d")]).await.expect("the journal continues");
    assert_eq!(
        bodies(&journal.load_queue("letters").await.expect("a queue")),
        ["a", "d"]
    );
}

#[tokio::test]
async fn a_journal_with_a_transaction_that_the_queues_do_not_have_is_not_continued() {
    let folder = folder();
    let mut journal = Journal::open(folder.path()).await.expect("a journal");
    for seq in [7, 8] {
        journal.commit(&[store(seq, "a")]).await.expect("it is stored");
    }
    journal.forget_last_commit();
    journal.forget_last_commit();
    journal.commit(&[store(7, "b")]).await.expect_err("it is stored already");
    let error = journal.commit(&[store(9, "c")]).await;
    let Err(Failure::NotStored(why)) = error else { panic!("{error:?}") };
    assert!(why.contains("open the folder again"), "{why}");
}

#[tokio::test]
async fn an_id_leaves_the_journal_after_its_window() {
    let folder = folder();
    let mut journal = Journal::open(folder.path()).await.expect("a journal");
    let mut over = store(7, "a");
    let Change::Store { window, .. } = &mut over else { unreachable!() };
    *window = Duration::ZERO;
    journal.commit(&[over, store(8, "b")]).await.expect("it is stored");
    assert_eq!(journal.count("SELECT count(*) FROM ids").await, 1);
    let loaded = journal.load_queue("letters").await.expect("a queue");
    let ids: Vec<_> = loaded.ids.iter().map(|(id, _)| id.as_str()).collect();
    assert_eq!(ids, ["b"]);
}

/// Numbers of messages are not used again, so a token of an earlier message settles no later one.
#[tokio::test]
async fn a_token_of_a_removed_message_settles_no_message_after_a_restart() {
    let folder = folder();
    let old = {
        let broker = Embedded::open(folder.path()).await.expect("a broker");
        let queue = broker.queue("letters", quick()).await.expect("a queue");
        publish(&queue, "a").await;
        let token = receive(&queue).await.token;
        queue.settle(std::slice::from_ref(&token), Settle::Ack).await;
        token
    };
    let broker = Embedded::open(folder.path()).await.expect("a broker");
    let queue = broker.queue("letters", quick()).await.expect("a queue");
    publish(&queue, "b").await;
    queue.settle(&[old], Settle::Ack).await;
    assert_eq!(text(&receive(&queue).await), "b");
}

fn store(seq: u64, body: &'static str) -> Change {
    let (message, window) = (Message::new(body).id(body), 120_000.ms());
    Change::Store { queue: 1, name: "letters".into(), seq, message, window }
}

fn bodies(loaded: &LoadedQueue) -> Vec<String> {
    let text = |message: &Message| String::from_utf8_lossy(&message.body).into_owned();
    loaded.messages.iter().map(|(_, message, _)| text(message)).collect()
}
