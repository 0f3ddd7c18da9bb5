//! The debug text of a handle shows its state, and needs no `Debug` of the items.

use std::{convert::Infallible, fmt::Debug, num::NonZeroUsize, time::Duration};

use async_kit::{
    Backoff, Batcher, Manager, Pool, PriorityQueue, Retry, WorkQueue,
    priority_queue::{PushError, TryPushError},
    replay,
    work_queue::SendError,
};

struct NoDebug;

struct Opener;

impl Manager for Opener {
    type Connection = &'static str;
    type Error = Infallible;

    async fn connect(&self) -> Result<&'static str, Infallible> {
        Ok("connection")
    }
}

#[track_caller]
fn shows(value: impl Debug, text: &str) {
    assert_eq!(format!("{value:?}"), text);
}

#[tokio::test]
async fn a_queue_shows_how_many_items_it_holds() {
    let urgent = PriorityQueue::bounded(1);
    urgent.push(1, NoDebug).await.expect("it is open");
    shows(&urgent, "PriorityQueue { len: 1, closed: false, .. }");

    let work = WorkQueue::bounded(1);
    work.send("item").await.expect("it is open");
    shows(&work, "WorkQueue { queued: 1, unfinished: 1, dead: 0, closed: false }");
    let job = work.recv().await.expect("one item");
    shows(job, "Job { item: \"item\", deliveries: 1, .. }");
}

#[tokio::test]
async fn a_pool_shows_its_counts_and_a_connection_itself() {
    let pool = Pool::builder(Opener).max_size(2).build();
    let pooled = pool.acquire().await.expect("it connects");
    shows(&pool, &format!("Pool({:?})", pool.status()));
    shows(pooled, "Pooled(\"connection\")");
}

#[tokio::test]
async fn a_retry_and_a_batcher_show_no_functions() {
    let retry = Retry::<NoDebug>::new(Backoff::none()).attempts(5).when(|_| true);
    let text = format!("{retry:?}");
    assert!(text.starts_with("Retry { backoff: Backoff {"), "{text}");
    assert!(text.contains("attempts: 5, ") && text.ends_with(", .. }"), "{text}");

    let same = async |items: Vec<NoDebug>| items;
    shows(Batcher::new(NonZeroUsize::MIN, Duration::ZERO, same), "Batcher { .. }");
}

#[test]
fn a_schedule_shows_none_of_its_tasks() {
    replay(0, async |schedule| shows(schedule, "Schedule { .. }"));
}

#[test]
fn the_error_of_a_refused_item_does_not_show_the_item() {
    shows(PushError(NoDebug), "PushError(..)");
    shows(TryPushError::Full(NoDebug), "Full(..)");
    shows(TryPushError::Closed(NoDebug), "Closed(..)");
    shows(SendError(NoDebug), "SendError(..)");
}
