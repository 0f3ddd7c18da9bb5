//! What was acknowledged is still stored after the server was killed and restarted, or has hung.

use std::{
    collections::BTreeMap,
    num::NonZeroUsize,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use distributed::{
    AppendError, Broker, BrokerError, JetStream, Message, PublishError, Queue, Settings,
    Settle, Status,
};
use tokio::{process::Command, time::sleep};

use super::server::Server;

const BATCH: NonZeroUsize = NonZeroUsize::new(100).unwrap();

/// A message comes back soon after its worker is gone.
fn soon() -> Settings {
    Settings {
        ack_wait: Duration::from_millis(500),
        max_deliver: 100,
        ..Settings::default()
    }
}

/// While a publisher publishes and a worker works, the server is killed and restarted five times.
#[tokio::test]
async fn a_publisher_and_a_worker_live_through_a_killed_server() -> Result<()> {
    let Some(mut server) = Server::start().await? else { return Ok(()) };
    let broker = server.open().await?;
    let queue = broker.queue("jobs", soon()).await?;
    let publisher =
        tokio::spawn(publish_until(Arc::clone(&queue), Duration::from_secs(3)));
    let worker = tokio::spawn(work(Arc::clone(&queue)));
    for pause in [300, 500, 250, 400, 350] {
        sleep(Duration::from_millis(pause)).await;
        server.kill().await?;
        sleep(Duration::from_millis(100)).await;
        server.restart().await?;
    }
    let published = publisher.await??;
    assert!(published > 100, "{published} were published");

    let all_done = async {
        while queue.status().await? != Status::default() {
            sleep(Duration::from_millis(50)).await;
        }
        anyhow::Ok(())
    };
    tokio::time::timeout(Duration::from_secs(30), all_done).await??;
    queue.publish_one(Message::new("the end")).await?;
    let effects = tokio::time::timeout(Duration::from_secs(30), worker).await???;
    let lost: Vec<_> = (0..published).filter(|n| !effects.contains_key(n)).collect();
    assert_eq!(lost, [0; 0], "of {published}");
    assert_eq!(effects.len() as u64, published);
    Ok(())
}

/// Publishes the numbers from 0, and returns how many were acknowledged.
async fn publish_until(queue: Arc<dyn Queue>, time: Duration) -> Result<u64> {
    let end = Instant::now() + time;
    let mut next = 0;
    while Instant::now() < end {
        let batch =
            (next..next + 10).map(|n: u64| Message::new(n.to_string()).id(n.to_string()));
        for receipt in queue.publish(batch.collect()).await {
            receipt?;
        }
        next += 10;
        sleep(Duration::from_millis(1)).await;
    }
    Ok(next)
}

/// Acknowledges every message, and returns how often it has seen each.
async fn work(queue: Arc<dyn Queue>) -> Result<BTreeMap<u64, usize>> {
    let mut effects = BTreeMap::new();
    loop {
        let received = queue.receive(0, BATCH).await?;
        let tokens: Vec<_> = received.iter().map(|it| it.token.clone()).collect();
        for delivery in received {
            let body = std::str::from_utf8(&delivery.message.body)?.to_owned();
            if body == "the end" {
                return Ok(effects);
            }
            *effects.entry(body.parse()?).or_default() += 1;
        }
        for settled in queue.settle(&tokens, Settle::Ack).await {
            settled?;
        }
    }
}

/// One call publishes more than the connection takes at a time, and the server dies meanwhile.
#[tokio::test]
async fn a_killed_server_changes_no_order() -> Result<()> {
    let Some(mut server) = Server::start().await? else { return Ok(()) };
    let broker = server.open().await?;
    let queue =
        broker.queue("jobs", Settings { max_ack_pending: 20_000, ..soon() }).await?;
    let body = |n: usize| format!("{n} {}", "x".repeat(2_000));
    let messages: Vec<_> =
        (0..5_000).map(|n| Message::new(body(n)).id(n.to_string())).collect();
    let publisher = tokio::spawn({
        let queue = Arc::clone(&queue);
        async move { queue.publish(messages).await }
    });
    for _ in 0..3 {
        let before = queue.status().await?.waiting;
        while !publisher.is_finished() && queue.status().await?.waiting < before + 200 {}
        server.kill().await?;
        server.restart().await?;
    }
    for receipt in publisher.await? {
        receipt?;
    }

    let mut numbers = Vec::new();
    while numbers.len() < 5_000 {
        for delivery in queue.receive(0, BATCH).await? {
            let id = delivery.message.id.clone().context("each has an id")?;
            numbers.push(id.parse::<usize>()?);
        }
    }
    assert_eq!(numbers, (0..5_000).collect::<Vec<_>>());
    Ok(())
}

#[tokio::test]
async fn a_waiting_receive_lives_through_a_restart() -> Result<()> {
    let Some(mut server) = Server::start().await? else { return Ok(()) };
    let queue = server.open().await?.queue("jobs", soon()).await?;
    let waits = tokio::spawn({
        let queue = Arc::clone(&queue);
        async move { queue.receive_one().await }
    });
    sleep(Duration::from_millis(100)).await;
    server.kill().await?;
    sleep(Duration::from_millis(100)).await;
    server.restart().await?;
    queue.publish_one(Message::new("after the restart")).await?;
    let delivery = tokio::time::timeout(Duration::from_secs(10), waits).await???;
    assert_eq!(delivery.message.body, "after the restart");
    Ok(())
}

#[tokio::test]
async fn what_is_asked_while_the_server_is_away_is_done_when_it_is_back() -> Result<()> {
    let Some(mut server) = Server::start().await? else { return Ok(()) };
    let broker = server.open().await?;
    let queue = broker.queue("jobs", soon()).await?;
    let log = broker.log("history").await?;
    queue.publish_one(Message::new("1")).await?;
    let delivery = queue.receive_one().await?;
    server.kill().await?;

    let restart = async {
        sleep(Duration::from_millis(500)).await;
        server.restart().await
    };
    let (acked, published, appended, status, restarted) = tokio::join!(
        delivery.ack(),
        queue.publish_one(Message::new("2")),
        log.append(0, "entry".into()),
        queue.status(),
        restart,
    );
    restarted?;
    acked?;
    assert!(!published?.duplicate);
    assert_eq!(appended?, 1);
    status?;
    assert_eq!(queue.receive_one().await?.message.body, "2");
    Ok(())
}

#[tokio::test]
async fn without_a_server_every_operation_ends_with_a_clear_error() -> Result<()> {
    let Some(mut server) = Server::start().await? else { return Ok(()) };
    let patience = Duration::from_millis(300);
    let broker = JetStream::open_patiently(&server.url(), "test", patience).await?;
    let queue = broker.queue("jobs", Settings::default()).await?;
    let log = broker.log("history").await?;
    queue.publish_one(Message::new("1")).await?;
    let delivery = queue.receive_one().await?;
    server.kill().await?;

    let began = Instant::now();
    let connection = |error: BrokerError| match error {
        BrokerError::Connection(why) => why,
        other => panic!("{other:?}"),
    };
    let published = queue.publish_one(Message::new("2")).await;
    let appended = log.append(0, "entry".into()).await;
    let reports = [
        match published {
            Err(PublishError::Unknown(why)) => why,
            other => panic!("{other:?}"),
        },
        match appended {
            Err(AppendError::Broker(error)) => connection(error),
            other => panic!("{other:?}"),
        },
        connection(queue.receive_one().await.err().context("no server")?),
        connection(delivery.ack().await.err().context("no server")?),
        connection(queue.status().await.err().context("no server")?),
        connection(broker.log("other").await.err().context("no server")?),
        connection(broker.remove().await.err().context("no server")?),
    ];
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    let expected = format!("no NATS server answers at 127.0.0.1:{}", server.port());
    for report in reports {
        assert!(report.contains(&expected), "{report}");
    }
    Ok(())
}

/// The connection is open, and nothing comes.
#[tokio::test]
async fn a_server_that_hangs_is_not_waited_for_forever() -> Result<()> {
    let Some(server) = Server::start().await? else { return Ok(()) };
    let patience = Duration::from_millis(300);
    let broker = JetStream::open_patiently(&server.url(), "test", patience).await?;
    let queue = broker.queue("jobs", Settings::default()).await?;
    queue.publish_one(Message::new("1")).await?;
    let delivery = queue.receive_one().await?;
    signal("-STOP", server.pid()).await?;
    let pid = server.pid().to_string();
    let state = || Command::new("ps").args(["-o", "state=", "-p", &pid]).output();
    // A thread of the server may run on for a moment.
    while !state().await?.stdout.starts_with(b"T") {}

    let everything = async {
        tokio::join!(
            queue.publish_one(Message::new("2").id("2")),
            delivery.ack(),
            queue.receive_one(),
        )
    };
    let ended = tokio::time::timeout(Duration::from_secs(30), everything).await;
    signal("-CONT", server.pid()).await?;
    let (published, acked, received) = ended.context("it waits forever")?;
    assert!(matches!(published, Err(PublishError::Unknown(_))), "{published:?}");
    assert!(matches!(acked, Err(BrokerError::Connection(_))), "{acked:?}");
    assert!(matches!(received, Err(BrokerError::Connection(_))), "{received:?}");

    // It goes on, and what was unknown is stored once.
    queue.publish_one(Message::new("2").id("2")).await?;
    assert_eq!(queue.receive_one().await?.message.body, "2");
    Ok(())
}

async fn signal(signal: &str, pid: u32) -> Result<()> {
    let sent = Command::new("kill").args([signal, &pid.to_string()]).status().await?;
    anyhow::ensure!(sent.success(), "kill {signal} has failed");
    Ok(())
}

/// A killed server knows the acknowledgements again, but not that it has removed the messages.
#[tokio::test]
async fn a_done_message_takes_no_slot_after_a_kill() -> Result<()> {
    let Some(mut server) = Server::start().await? else { return Ok(()) };
    let settings =
        Settings { max_messages: Some(10), ack_wait: Duration::from_secs(30), ..soon() };
    let queue = server.open().await?.queue("jobs", settings).await?;
    for receipt in queue.publish(vec![Message::new("x"); 10]).await {
        receipt?;
    }
    let received = queue.receive(0, BATCH).await?;
    let nine: Vec<_> = received.iter().take(9).map(|it| it.token.clone()).collect();
    for settled in queue.settle(&nine, Settle::Ack).await {
        settled?;
    }
    // The server writes the acknowledgements after a moment.
    sleep(Duration::from_millis(500)).await;
    server.kill().await?;
    server.restart().await?;
    for receipt in queue.publish(vec![Message::new("y"); 9]).await {
        receipt?;
    }
    let full = queue.publish_one(Message::new("z")).await;
    assert!(matches!(full, Err(PublishError::Full(10))), "{full:?}");
    Ok(())
}

/// A killed server may know that it has removed a message, but not the acknowledgement.
#[tokio::test]
async fn a_removed_message_blocks_no_partition_after_a_kill() -> Result<()> {
    let Some(mut server) = Server::start().await? else { return Ok(()) };
    let settings = Settings { max_ack_pending: 1, ..soon() };
    let queue = server.open().await?.queue("jobs", settings).await?;
    for round in 0..3 {
        let message = Message::new(round.to_string());
        queue.publish_one(message.clone()).await?;
        let received = tokio::time::timeout(Duration::from_secs(20), queue.receive_one());
        let delivery = received.await.with_context(|| format!("round {round}"))??;
        assert_eq!(delivery.message, message);
        delivery.ack().await?;
        server.kill().await?;
        server.restart().await?;
    }
    Ok(())
}

#[tokio::test]
async fn deliveries_and_dead_letters_are_counted_across_a_kill() -> Result<()> {
    let Some(mut server) = Server::start().await? else { return Ok(()) };
    let settings = Settings { max_deliver: 2, ..soon() };
    let queue = server.open().await?.queue("jobs", settings).await?;
    queue.publish_one(Message::new("poison")).await?;
    assert_eq!(queue.receive_one().await?.deliveries, 1);
    assert_eq!(queue.receive_one().await?.deliveries, 2);
    // The server writes what it has delivered after a moment.
    sleep(Duration::from_millis(300)).await;
    server.kill().await?;
    server.restart().await?;
    queue.publish_one(Message::new("good")).await?;
    let delivery = queue.receive_one().await?;
    assert_eq!(delivery.message.body, "good");
    let buried = tokio::time::timeout(Duration::from_secs(2), queue.receive_one()).await;
    assert!(
        buried.is_err()
            || buried.is_ok_and(|it| it.is_ok_and(|it| it.message.body == "good"))
    );
    assert_eq!(queue.dead_letters().await?, [Message::new("poison")]);
    Ok(())
}
