//! If the server cannot store a message, the error names the limit, and nothing is lost.

use std::{
    num::NonZeroUsize,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Result;
use bytes::Bytes;
use distributed::{
    AppendError, Broker, BrokerError, JetStream, Message, PublishError, Settings, Settle,
};

use tokio::task::JoinSet;

use super::{server::Server, small_disk::SmallDisk};

#[tokio::test]
async fn a_body_of_the_limit_is_stored_and_one_byte_more_is_not() -> Result<()> {
    let Some(server) = Server::with(&["-js"], "max_payload: 4096").await? else {
        return Ok(());
    };
    let queue = server.open().await?.queue("jobs", Settings::default()).await?;
    let with_body =
        |size: usize| Message::new(Bytes::from(vec![b'x'; size])).id("1").key("k");
    let Err(PublishError::TooLarge { size: 5000, limit }) =
        queue.publish_one(with_body(5000)).await
    else {
        panic!("it is too large")
    };
    let refused = queue.publish_one(with_body(limit + 1)).await;
    assert!(matches!(refused, Err(PublishError::TooLarge { .. })), "{refused:?}");
    let forgotten = queue.publish_and_forget(with_body(limit + 1)).await;
    assert!(matches!(forgotten, Err(PublishError::TooLarge { .. })), "{forgotten:?}");
    queue.publish_one(with_body(limit)).await?;
    assert_eq!(queue.receive_one().await?.message.body.len(), limit);
    Ok(())
}

#[tokio::test]
async fn a_message_that_is_too_large_does_not_harm_its_neighbours() -> Result<()> {
    let Some(server) = Server::with(&["-js"], "max_payload: 4096").await? else {
        return Ok(());
    };
    let queue = server.open().await?.queue("jobs", Settings::default()).await?;
    let large = Message::new(vec![0; 4097]);
    let invalid = Message::new("x").id("a space");
    let messages = vec![Message::new("1"), large, invalid, Message::new("2")];
    let results = queue.publish(messages).await;
    let shown: Vec<_> = results.iter().map(Result::is_ok).collect();
    assert_eq!(shown, [true, false, false, true], "{results:?}");
    let received = queue.receive(0, NonZeroUsize::new(9).unwrap()).await?;
    let bodies: Vec<_> = received.iter().map(|it| it.message.body.clone()).collect();
    assert_eq!(bodies, ["1", "2"]);
    Ok(())
}

#[tokio::test]
async fn an_entry_that_is_too_large_is_not_appended() -> Result<()> {
    let Some(server) = Server::with(&["-js"], "max_payload: 4096").await? else {
        return Ok(());
    };
    let log = server.open().await?.log("history").await?;
    let refused = log.append(0, vec![0; 4097].into()).await;
    assert!(
        matches!(refused, Err(AppendError::TooLarge { size: 4097, .. })),
        "{refused:?}"
    );
    assert_eq!(log.append(0, "short".into()).await?, 1);
    Ok(())
}

#[tokio::test]
async fn a_full_store_refuses_and_loses_nothing() -> Result<()> {
    let small = "jetstream { max_file_store: 65536 }";
    let Some(server) = Server::with(&[], small).await? else { return Ok(()) };
    let broker = server.open().await?;
    let queue = broker.queue("jobs", Settings::default()).await?;
    let log = broker.log("history").await?;
    let message = || Message::new(vec![0; 1000]);
    let mut stored = 0;
    let refused = loop {
        match queue.publish_one(message()).await {
            Ok(_) => stored += 1,
            Err(refused) => break refused,
        }
        assert!(stored < 100, "the store has 64 KiB");
    };
    assert!(matches!(refused, PublishError::StoreFull), "{refused:?}");
    let refused = log.append(0, vec![0; 1000].into()).await;
    let Err(AppendError::Broker(BrokerError::Server(why))) = refused else {
        panic!("{refused:?}")
    };
    assert!(why.contains("store of the NATS server is full"), "{why}");

    // What was stored is there, and settling it makes room.
    let received = queue.receive(0, NonZeroUsize::new(100).unwrap()).await?;
    assert_eq!(received.len(), stored);
    let tokens: Vec<_> = received.into_iter().map(|it| it.token).collect();
    for settled in queue.settle(&tokens, Settle::Ack).await {
        settled?;
    }
    queue.publish_one(message()).await?;
    Ok(())
}

/// nats-server 2.9.10 answers nothing any more, and has to be restarted.
#[tokio::test]
async fn a_full_disk_is_reported_and_loses_nothing_that_was_acknowledged() -> Result<()> {
    if Server::start().await?.is_none() {
        return Ok(());
    }
    let Some(disk) = SmallDisk::mount("4m").await? else { return Ok(()) };
    // Otherwise the server refuses before its disk is full.
    let large = "jetstream { max_file_store: 1GB }";
    let mut server = Server::on(disk.path(), disk.prefix(), large).await?;
    let patience = Duration::from_secs(1);
    let broker = JetStream::open_patiently(&server.url(), "test", patience).await?;
    let queue = broker.queue("jobs", Settings::default()).await?;
    let message = |n: usize| {
        let body = format!("{n} {}", "x".repeat(5_000));
        Message::new(body).id(n.to_string())
    };
    queue.publish_one(message(0)).await?;
    disk.fill(200_000).await?;
    let mut acknowledged = 1;
    let refused = loop {
        match queue.publish_one(message(acknowledged)).await {
            Ok(_) => acknowledged += 1,
            Err(refused) => break refused,
        }
        assert!(acknowledged < 1_000, "the disk has 4 MiB");
    };
    assert!(acknowledged > 5, "{acknowledged} fit in 200 kB");
    for report in [refused, queue.publish_one(message(acknowledged)).await.unwrap_err()] {
        let is_clear = match &report {
            PublishError::StoreFull => true,
            PublishError::Unknown(why) => why.contains("its disk is full"),
            _ => false,
        };
        assert!(is_clear, "{report:?}");
    }

    server.kill().await?;
    disk.free().await?;
    server.restart().await?;
    queue.publish_one(message(acknowledged)).await?;
    for n in 0..=acknowledged {
        let delivery = queue.receive_one().await?;
        assert_eq!(delivery.message, message(n));
        delivery.ack().await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_full_queue_refuses_until_a_message_is_done() -> Result<()> {
    let Some(server) = Server::start().await? else { return Ok(()) };
    let settings = Settings { max_messages: Some(3), ..Settings::default() };
    let queue = server.open().await?.queue("jobs", settings).await?;
    let results =
        queue.publish((0..5).map(|n| Message::new(n.to_string())).collect()).await;
    let shown: Vec<_> = results.iter().map(Result::is_ok).collect();
    assert_eq!(shown, [true, true, true, false, false]);
    assert!(matches!(results[4], Err(PublishError::Full(3))), "{results:?}");
    let delivery = queue.receive_one().await?;
    assert!(queue.publish_one(Message::new("x")).await.is_err(), "it is held, not done");
    delivery.ack().await?;
    queue.publish_one(Message::new("x")).await?;
    Ok(())
}

/// The server keeps a request that it cannot fill because `max_ack_pending` is reached.
#[tokio::test]
async fn a_receive_does_not_wait_for_more_than_it_may_have() -> Result<()> {
    let Some(server) = Server::start().await? else { return Ok(()) };
    let settings = Settings { max_ack_pending: 3, ..Settings::default() };
    let queue = server.open().await?.queue("jobs", settings).await?;
    queue.publish((0..9).map(|n| Message::new(n.to_string())).collect()).await;
    let first = queue.receive_one().await?;
    let began = Instant::now();
    let received = queue.receive(0, NonZeroUsize::new(3).unwrap()).await?;
    assert_eq!(received.len(), 2);
    // The server would end the request after 2 s, with its next report.
    assert!(began.elapsed() < Duration::from_millis(1_900), "{:?}", began.elapsed());
    // That request is over: the next message is for the next one.
    first.ack().await?;
    assert_eq!(queue.receive_one().await?.message.body, "3");
    Ok(())
}

/// Together they wait for more acknowledgements than the client allows for one connection by default.
#[tokio::test]
async fn many_publishers_do_not_block_each_other() -> Result<()> {
    let Some(server) = Server::start().await? else { return Ok(()) };
    let queue = server.open().await?.queue("jobs", Settings::default()).await?;
    let mut publishers = JoinSet::new();
    for _ in 0..60 {
        let queue = Arc::clone(&queue);
        let messages = (0..512).map(|n| Message::new(n.to_string())).collect();
        publishers.spawn(async move { queue.publish(messages).await });
    }
    let results = tokio::time::timeout(Duration::from_secs(60), publishers.join_all());
    for receipt in results.await?.into_iter().flatten() {
        receipt?;
    }
    assert_eq!(queue.status().await?.waiting, 60 * 512);
    Ok(())
}
