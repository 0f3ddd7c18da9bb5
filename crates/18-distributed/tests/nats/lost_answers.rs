//! If the answer to a request is lost, the request has one effect, although it is repeated.

use std::{num::NonZeroUsize, time::Duration};

use anyhow::Result;
use distributed::{Broker, Delivery, JetStream, Message, Settings, Settle, Status};

use tokio::time::timeout;

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

/// It has more room, and would wait for the end of its request forever.
#[tokio::test]
async fn a_receive_whose_end_is_lost_returns_what_it_has() -> Result<()> {
    let Some(server) = Server::start().await? else { return Ok(()) };
    let proxy = Proxy::to(server.port()).await?;
    let broker = JetStream::open(&proxy.url, "test").await?;
    let queue = broker.queue("jobs", Settings::default()).await?;
    queue.publish_one(Message::new("a job")).await?;

    proxy.lose_ends();
    let received = timeout(Duration::from_secs(15), queue.receive(0, ALL)).await??;
    assert_eq!(received[0].message.body, "a job");
    received.into_iter().next().expect("one").ack().await?;
    Ok(())
}

/// The message is read, buried and removed: three answers.
#[tokio::test]
async fn a_dead_letter_is_buried_once_whichever_answer_is_lost() -> Result<()> {
    let Some(server) = Server::start().await? else { return Ok(()) };
    let proxy = Proxy::to(server.port()).await?;
    let queue = JetStream::open(&proxy.url, "test").await?;
    let queue = queue.queue("jobs", Settings::default()).await?;
    let mut expected = Vec::new();
    for lost in 1..=3 {
        let message = Message::new("poison").id(lost.to_string()).key("k");
        queue.publish_one(message.clone()).await?;
        let delivery = queue.receive_one().await?;
        proxy.lose_answer(lost);
        delivery.term().await?;
        expected.push(message);
        assert_eq!(queue.dead_letters().await?, expected, "answer {lost} was lost");
    }
    assert_eq!(queue.status().await?, Status { dead: 3, ..Status::default() });
    Ok(())
}

/// If the client sent what still waits in it over the next connection, the messages that are published again
/// would come behind it.
#[tokio::test]
async fn a_broken_connection_changes_no_order() -> Result<()> {
    let Some(server) = Server::start().await? else { return Ok(()) };
    let proxy = Proxy::to(server.port()).await?;
    let queue = JetStream::open(&proxy.url, "test").await?;
    let queue = queue.queue("jobs", Settings::default()).await?;
    let body = |n: usize| Message::new(format!("{n} {}", "x".repeat(5_000)));
    for broken in 1..=10 {
        proxy.lose_answer(broken);
        for receipt in queue.publish((0..400).map(body).collect()).await {
            receipt?;
        }
        // Several acknowledgements come as one answer, so it may not have happened yet.
        proxy.lose_answer(0);
        let mut numbers = Vec::new();
        while numbers.len() < 400 {
            let received = queue.receive(0, ALL).await?;
            let number = |it: &Delivery| {
                it.message.body.split(|&b| b == b' ').next().map(<[u8]>::to_vec)
            };
            numbers.extend(received.iter().filter_map(number));
            let tokens: Vec<_> = received.into_iter().map(|it| it.token).collect();
            for settled in queue.settle(&tokens, Settle::Ack).await {
                settled?;
            }
        }
        let expected: Vec<_> = (0..400).map(|n| n.to_string().into_bytes()).collect();
        assert_eq!(numbers, expected, "answer {broken} was lost");
    }
    Ok(())
}
