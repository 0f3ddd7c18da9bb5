//! Several processes can open the same queue at the same moment.
//!
//! The server reports a stream as created while it still creates it for another client. A consumer that is
//! created in this time never sends anything.

use std::{sync::Arc, time::Duration};

use anyhow::{Context, Result};
use distributed::{Broker, JetStream, Message, Queue, Settings};
use futures::{
    StreamExt,
    future::{join_all, try_join_all},
};
use tokio::time::timeout;

use super::server::Server;

/// A client that receives everything sees the answer of the stream before the consumer is created.
#[tokio::test]
async fn a_consumer_is_created_only_when_its_stream_has_answered() -> Result<()> {
    let Some(server) = Server::start().await? else { return Ok(()) };
    let broker = server.open().await?;
    let spy = async_nats::connect(server.url()).await?;
    let mut messages = spy.subscribe(">").await?;
    spy.flush().await?;
    open(&broker, "jobs").await?;

    let mut has_answered = false;
    loop {
        let next = timeout(Duration::from_secs(10), messages.next()).await?;
        let message = next.context("the connection is open")?;
        if message.subject.contains(".CONSUMER.CREATE.") {
            assert!(has_answered, "{}", message.subject);
            return Ok(());
        }
        let body = String::from_utf8_lossy(&message.payload);
        has_answered |= body.contains("expected stream does not match");
    }
}

#[tokio::test]
async fn a_queue_that_is_opened_by_many_at_the_same_time_delivers() -> Result<()> {
    let Some(server) = Server::start().await? else { return Ok(()) };
    let brokers = try_join_all((0..8).map(|_| server.open())).await?;
    for number in 0..20 {
        let name = format!("jobs-{number}");
        let opened = join_all(brokers.iter().map(|broker| open(broker, &name))).await;
        let queue = opened.into_iter().next().context("each opens it")??;
        queue.publish_one(Message::new("a job")).await?;
        let received = timeout(Duration::from_secs(8), queue.receive_one()).await;
        received.with_context(|| format!("{name} delivers nothing"))??.ack().await?;
    }
    Ok(())
}

async fn open(broker: &Arc<JetStream>, name: &str) -> Result<Arc<dyn Queue>> {
    Ok(broker.queue(name, Settings::default()).await?)
}
