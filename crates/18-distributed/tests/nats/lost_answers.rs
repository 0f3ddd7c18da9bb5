//! The server has done what it was asked, and its answer is lost.

use std::{num::NonZeroUsize, time::Duration};

use anyhow::Result;
use distributed::{Broker, JetStream, Message, Settings, Status};

use super::{proxy::Proxy, server::Server};

const ALL: NonZeroUsize = NonZeroUsize::new(100).unwrap();

#[tokio::test]
async fn a_message_whose_acknowledgement_is_lost_is_stored_once() -> Result<()> {
    let Some(server) = Server::start().await? else { return Ok(()) };
    let proxy = Proxy::to(server.port()).await?;
    let broker = JetStream::open(&proxy.url, "test").await?;
    let queue = broker.queue("jobs", Settings::default()).await?;

    proxy.lose_an_answer();
    let with_id = queue.publish_one(Message::new("with an id").id("1")).await?;
    proxy.lose_an_answer();
    let without_id = queue.publish_one(Message::new("without an id")).await?;

    // It was stored by the first attempt.
    assert!(with_id.duplicate && without_id.duplicate, "{with_id:?} {without_id:?}");
    let received = queue.receive(0, ALL).await?;
    let bodies: Vec<_> = received.iter().map(|it| it.message.body.clone()).collect();
    assert_eq!(bodies, ["with an id", "without an id"]);
    assert_eq!(received[1].message.id, None);
    Ok(())
}

#[tokio::test]
async fn messages_without_an_id_are_never_duplicates() -> Result<()> {
    let Some(server) = Server::start().await? else { return Ok(()) };
    let queue = server.open().await?.queue("jobs", Settings::default()).await?;
    for _ in 0..3 {
        assert!(!queue.publish_one(Message::new("the same")).await?.duplicate);
    }
    assert_eq!(queue.receive(0, ALL).await?.len(), 3);
    Ok(())
}

#[tokio::test]
async fn an_entry_whose_acknowledgement_is_lost_is_appended_once() -> Result<()> {
    let Some(server) = Server::start().await? else { return Ok(()) };
    let proxy = Proxy::to(server.port()).await?;
    let log = JetStream::open(&proxy.url, "test").await?.log("history").await?;

    proxy.lose_an_answer();
    assert_eq!(log.append(0, "first".into()).await?, 1);
    assert_eq!(log.append(1, "second".into()).await?, 2);
    let bodies: Vec<_> = log.read(0, 10).await?.into_iter().map(|it| it.body).collect();
    assert_eq!(bodies, ["first", "second"]);
    Ok(())
}

#[tokio::test]
async fn an_acknowledgement_whose_confirmation_is_lost_counts() -> Result<()> {
    let Some(server) = Server::start().await? else { return Ok(()) };
    let proxy = Proxy::to(server.port()).await?;
    let queue = JetStream::open(&proxy.url, "test").await?;
    let queue = queue.queue("jobs", Settings::default()).await?;
    queue.publish_one(Message::new("a job")).await?;
    let delivery = queue.receive_one().await?;

    proxy.lose_an_answer();
    delivery.ack().await?;
    assert_eq!(queue.status().await?, Status::default());
    Ok(())
}

#[tokio::test]
async fn a_delivery_that_is_lost_on_its_way_is_delivered_again() -> Result<()> {
    let Some(server) = Server::start().await? else { return Ok(()) };
    let proxy = Proxy::to(server.port()).await?;
    let settings =
        Settings { ack_wait: Duration::from_millis(200), ..Settings::default() };
    let queue =
        JetStream::open(&proxy.url, "test").await?.queue("jobs", settings).await?;
    queue.publish_one(Message::new("a job")).await?;

    proxy.lose_an_answer();
    let delivery = queue.receive_one().await?;
    assert_eq!((&delivery.message.body[..], delivery.deliveries), (&b"a job"[..], 2));
    Ok(())
}

#[tokio::test]
async fn a_dead_letter_whose_burial_is_lost_is_buried_once() -> Result<()> {
    let Some(server) = Server::start().await? else { return Ok(()) };
    let proxy = Proxy::to(server.port()).await?;
    let queue = JetStream::open(&proxy.url, "test").await?;
    let queue = queue.queue("jobs", Settings::default()).await?;
    queue.publish_one(Message::new("poison").id("1").key("k")).await?;
    let delivery = queue.receive_one().await?;
    let token = delivery.token.clone();

    proxy.lose_an_answer();
    delivery.term().await?;
    // A worker that was not confirmed repeats it.
    queue.settle(&[token], distributed::Settle::Term).await.remove(0)?;
    assert_eq!(queue.dead_letters().await?, [Message::new("poison").id("1").key("k")]);
    assert_eq!(queue.status().await?, Status { dead: 1, ..Status::default() });
    Ok(())
}
