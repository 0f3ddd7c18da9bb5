//! A queue is repaired if its server has the messages of one moment and the deliveries of another.
//!
//! A server that was killed can have such a store. Here a part of the store is replaced by an earlier copy.

use std::{
    num::NonZeroUsize,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, Result};
use distributed::{Broker, Message, PublishError, Queue, Settings, Settle, Status};
use tempfile::TempDir;
use tokio::{process::Command, time::timeout};

use super::server::Server;

const ALL: NonZeroUsize = NonZeroUsize::new(100).unwrap();

/// The part of a store with the messages of a stream, and the one with its consumers.
const MESSAGES: &str = "msgs";
const CONSUMERS: &str = "obs";

/// A copy of a part of what a server has stored.
struct Copy {
    folder: TempDir,
    original: PathBuf,
}

impl Copy {
    /// Stops the server meanwhile, so that the part is complete.
    async fn take(server: &mut Server, part: &str) -> Result<Self> {
        server.stop().await?;
        let (folder, original) = (TempDir::new()?, server.stored("jobs").join(part));
        copy(&original, folder.path()).await?;
        server.restart().await?;
        Ok(Self { folder, original })
    }

    /// Gives the server this part, with all else as it is now.
    async fn put_back(self, server: &mut Server) -> Result<()> {
        server.stop().await?;
        std::fs::remove_dir_all(&self.original)?;
        std::fs::create_dir(&self.original)?;
        copy(self.folder.path(), &self.original).await?;
        server.restart().await
    }
}

async fn copy(from: &Path, to: &Path) -> Result<()> {
    let copied =
        Command::new("cp").arg("-a").arg(from.join(".")).arg(to).status().await?;
    anyhow::ensure!(copied.success(), "{from:?} could not be copied");
    Ok(())
}

async fn publish(queue: &dyn Queue, bodies: &[&str]) -> Result<()> {
    let messages = bodies.iter().map(|body| Message::new(body.to_string()));
    for receipt in queue.publish(messages.collect()).await {
        receipt?;
    }
    Ok(())
}

/// Receives all that is ready, acknowledges it, and returns what it was.
async fn work_off(queue: &dyn Queue) -> Result<Vec<String>> {
    let received = timeout(Duration::from_secs(10), queue.receive(0, ALL)).await;
    let received = received.context("nothing is delivered")??;
    let tokens: Vec<_> = received.iter().map(|it| it.token.clone()).collect();
    for settled in queue.settle(&tokens, Settle::Ack).await {
        settled?;
    }
    let body = |body: &[u8]| String::from_utf8_lossy(body).into_owned();
    Ok(received.iter().map(|it| body(&it.message.body)).collect())
}

#[tokio::test]
async fn an_acknowledged_message_that_is_in_the_stream_again_takes_no_slot() -> Result<()>
{
    let Some(mut server) = Server::start().await? else { return Ok(()) };
    let settings = Settings { max_messages: Some(3), ..Settings::default() };
    let queue = server.open().await?.queue("jobs", settings).await?;
    publish(&*queue, &["a", "b", "c"]).await?;
    let messages = Copy::take(&mut server, MESSAGES).await?;
    assert_eq!(work_off(&*queue).await?, ["a", "b", "c"]);
    messages.put_back(&mut server).await?;

    publish(&*queue, &["d", "e", "f"]).await?;
    assert_eq!(work_off(&*queue).await?, ["d", "e", "f"]);
    assert_eq!(queue.status().await?, Status::default());
    Ok(())
}

#[tokio::test]
async fn a_removed_message_that_is_in_flight_again_takes_no_slot() -> Result<()> {
    let Some(mut server) = Server::start().await? else { return Ok(()) };
    let settings = Settings { max_ack_pending: 3, ..Settings::default() };
    let queue = server.open().await?.queue("jobs", settings).await?;
    publish(&*queue, &["a", "b", "c", "d", "e"]).await?;
    let received = queue.receive(0, ALL).await?;
    let [a, b, c] = <[_; 3]>::try_from(received).expect("three may be in flight");
    let consumers = Copy::take(&mut server, CONSUMERS).await?;
    // In front of all that the stream has, and in between.
    a.ack().await?;
    c.ack().await?;
    consumers.put_back(&mut server).await?;

    assert_eq!(work_off(&*queue).await?, ["d", "e"]);
    b.ack().await?;
    assert_eq!(queue.status().await?, Status::default());
    Ok(())
}

#[tokio::test]
async fn a_message_with_a_number_that_was_delivered_before_is_delivered() -> Result<()> {
    let Some(mut server) = Server::start().await? else { return Ok(()) };
    let queue = server.open().await?.queue("jobs", Settings::default()).await?;
    let messages = Copy::take(&mut server, MESSAGES).await?;
    publish(&*queue, &["a", "b", "c"]).await?;
    assert_eq!(work_off(&*queue).await?, ["a", "b", "c"]);
    messages.put_back(&mut server).await?;

    publish(&*queue, &["d", "e"]).await?;
    assert_eq!(work_off(&*queue).await?, ["d", "e"]);
    assert_eq!(queue.status().await?, Status::default());
    Ok(())
}

/// The server refuses what would skip the number, as long as the stream is full.
#[tokio::test]
async fn a_full_queue_that_must_skip_a_number_goes_on() -> Result<()> {
    let Some(mut server) = Server::start().await? else { return Ok(()) };
    let settings = Settings { max_messages: Some(2), ..Settings::default() };
    let queue = server.open().await?.queue("jobs", settings.clone()).await?;
    publish(&*queue, &["a", "b"]).await?;
    let held = queue.receive(0, ALL).await?;
    let messages = Copy::take(&mut server, MESSAGES).await?;
    let [a, b] = <[_; 2]>::try_from(held).expect("both are ready");
    b.ack().await?;
    publish(&*queue, &["c"]).await?;
    assert_eq!(work_off(&*queue).await?, ["c"]);
    messages.put_back(&mut server).await?;

    // It has `a`, and `b` again.
    let queue = server.open().await?.queue("jobs", settings).await?;
    let full = queue.publish_one(Message::new("d")).await;
    assert!(matches!(full, Err(PublishError::Full(2))), "{full:?}");
    a.nak(Duration::ZERO).await?;
    assert_eq!(work_off(&*queue).await?, ["a"]);
    publish(&*queue, &["d"]).await?;
    assert_eq!(work_off(&*queue).await?, ["d"]);
    assert_eq!(queue.status().await?, Status::default());
    Ok(())
}

#[tokio::test]
async fn a_number_that_is_given_twice_loses_no_dead_letter() -> Result<()> {
    let Some(mut server) = Server::start().await? else { return Ok(()) };
    let queue = server.open().await?.queue("jobs", Settings::default()).await?;
    let messages = Copy::take(&mut server, MESSAGES).await?;
    let consumers = Copy::take(&mut server, CONSUMERS).await?;
    publish(&*queue, &["a"]).await?;
    queue.receive_one().await?.term().await?;
    messages.put_back(&mut server).await?;
    consumers.put_back(&mut server).await?;
    publish(&*queue, &["b"]).await?;
    queue.receive_one().await?.term().await?;
    assert_eq!(queue.dead_letters().await?, [Message::new("a"), Message::new("b")]);
    Ok(())
}
