//! The creation of a stream is attempted five times, and can succeed later.

use std::{fs, time::Duration};

use anyhow::{Context, Result};
use distributed::{Broker, BrokerError, Message, Settings};
use futures::StreamExt;
use tokio::time::timeout;

use super::server::Server;

/// A file is where the server needs a folder.
#[tokio::test]
async fn the_creation_of_a_stream_is_attempted_five_times() -> Result<()> {
    let Some(server) = Server::start().await? else { return Ok(()) };
    let broker = server.open().await?;
    let folder = server.stored("jobs");
    fs::create_dir_all(folder.parent().context("it lies in a folder")?)?;
    fs::write(&folder, "")?;
    // A client that receives every request to create the stream.
    let spy = async_nats::connect(server.url()).await?;
    let mut requests = spy.subscribe("$JS.API.STREAM.CREATE.test+queue+jobs").await?;
    let mut end = spy.subscribe("end").await?;
    spy.flush().await?;

    let opened = broker.queue("jobs", Settings::default()).await.map(drop);
    assert!(matches!(opened, Err(BrokerError::Server(_))), "{opened:?}");
    for attempt in 1..=5 {
        let request = timeout(Duration::from_secs(10), requests.next()).await;
        request?.with_context(|| format!("there is no attempt {attempt}"))?;
    }
    spy.publish("end", "".into()).await?;
    timeout(Duration::from_secs(10), end.next()).await?.context("it is connected")?;
    requests.unsubscribe().await?;
    assert_eq!(requests.count().await, 0, "there are more attempts");

    fs::remove_file(&folder)?;
    let queue = broker.queue("jobs", Settings::default()).await?;
    queue.publish_one(Message::new("a job")).await?;
    Ok(())
}
