//! No message that another program publishes to our subjects stops a worker or replaces a dead letter.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use async_nats::HeaderMap;
use distributed::{AppendError, Broker, Message, Settings, Status};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use super::server::Server;

#[tokio::test]
async fn any_bytes_on_a_subject_of_a_queue_are_a_delivery() -> Result<()> {
    let Some(server) = Server::start().await? else { return Ok(()) };
    let queue = server.open().await?.queue("jobs", Settings::default()).await?;
    let stranger = async_nats::connect(server.url()).await?;
    let bytes: Vec<u8> = (0..=255).collect();
    let answer = stranger.request("test.queue.jobs.0", bytes.clone().into()).await?;
    assert!(answer.payload.starts_with(b"{\"stream\":"), "{answer:?}");

    let delivery = queue.receive_one().await?;
    assert_eq!(delivery.message, Message::new(bytes));
    delivery.ack().await?;
    Ok(())
}

#[tokio::test]
async fn an_id_and_unknown_headers_of_a_stranger_are_no_harm() -> Result<()> {
    let Some(server) = Server::start().await? else { return Ok(()) };
    let queue = server.open().await?.queue("jobs", Settings::default()).await?;
    let stranger = async_nats::connect(server.url()).await?;
    let mut headers = HeaderMap::new();
    headers.insert("Nats-Msg-Id", "an id with spaces, and ü");
    headers.insert("Unknown", "");
    let subject = "test.queue.jobs.0";
    stranger.request_with_headers(subject, headers, "".into()).await?;

    let delivery = queue.receive_one().await?;
    assert_eq!(delivery.message.id.as_deref(), Some("an id with spaces, and ü"));
    // Its burial repeats the headers.
    delivery.term().await?;
    let dead = queue.dead_letters().await?;
    assert_eq!(dead, [Message::new("").id("an id with spaces, and ü")]);
    Ok(())
}

/// Headers that a server stores, and that the client of this library does not accept.
const UNREADABLE: [&[u8]; 7] = [
    b"NATS/1.0\r\nno colon\r\n\r\n",
    b"NATS/1.0\r\nName: \xff\r\n\r\n",
    b"NATS/1.0\r\nName: one\rtwo\r\n\r\n",
    b"NATS/1.0\r\na name: value\r\n\r\n",
    b"NATS/1.0 status\r\n\r\n",
    b"HTTP/1.1\r\n\r\n",
    b"?",
];

/// Publishes with any bytes as headers, which a client would refuse.
async fn publish_raw(
    server: &Server,
    subject: &str,
    headers: &[u8],
    body: &str,
) -> Result<()> {
    let mut socket = TcpStream::connect(("127.0.0.1", server.port())).await?;
    let (with_headers, both) = (headers.len(), headers.len() + body.len());
    let connect = r#"CONNECT {"verbose":false,"headers":true}"#;
    let publish = format!("{connect}\r\nHPUB {subject} {with_headers} {both}\r\n");
    socket.write_all(publish.as_bytes()).await?;
    socket.write_all(headers).await?;
    socket.write_all(format!("{body}\r\nPING\r\n").as_bytes()).await?;
    let mut answer = Vec::new();
    while !answer.ends_with(b"PONG\r\n") {
        ensure!(socket.read_buf(&mut answer).await? > 0, "refused: {answer:?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_message_that_no_client_can_read_becomes_a_dead_letter() -> Result<()> {
    let Some(server) = Server::start().await? else { return Ok(()) };
    let settings =
        Settings { ack_wait: Duration::from_millis(300), ..Settings::default() };
    let queue = server.open().await?.queue("jobs", settings).await?;
    for (number, headers) in UNREADABLE.into_iter().enumerate() {
        let subject = "test.queue.jobs.0";
        publish_raw(&server, subject, headers, &format!("unreadable {number}")).await?;
        queue.publish_one(Message::new(format!("good {number}"))).await?;
        let received = timeout(Duration::from_secs(20), queue.receive_one()).await;
        let delivery = received.with_context(|| format!("behind {number}"))??;
        assert_eq!(delivery.message.body, format!("good {number}"));
        delivery.ack().await?;
        let status = queue.status().await?;
        assert_eq!(status, Status { dead: number + 1, ..Status::default() });
    }
    let dead = queue.dead_letters().await?;
    let expected = (0..UNREADABLE.len()).map(|n| Message::new(format!("unreadable {n}")));
    assert_eq!(dead, expected.collect::<Vec<_>>());
    Ok(())
}

/// As the server reports them to a request that waits.
#[tokio::test]
async fn a_stranger_with_the_status_of_a_report_is_a_delivery() -> Result<()> {
    let Some(server) = Server::start().await? else { return Ok(()) };
    let queue = server.open().await?.queue("jobs", Settings::default()).await?;
    for status in ["100 Idle Heartbeat", "404 No Messages", "503", "409 Deleted"] {
        let headers = format!("NATS/1.0 {status}\r\n\r\n");
        publish_raw(&server, "test.queue.jobs.0", headers.as_bytes(), status).await?;
        let received = timeout(Duration::from_secs(10), queue.receive_one()).await;
        let delivery = received.with_context(|| format!("status {status}"))??;
        assert_eq!(
            (delivery.message.body.as_ref(), delivery.deliveries),
            (status.as_bytes(), 1)
        );
        delivery.ack().await?;
    }
    Ok(())
}

#[tokio::test]
async fn the_server_refuses_a_subject_that_is_no_partition() -> Result<()> {
    let Some(server) = Server::start().await? else { return Ok(()) };
    let queue = server.open().await?.queue("jobs", Settings::default()).await?;
    let stranger = async_nats::connect(server.url()).await?;
    for subject in ["jobs", "jobs.1", "jobs.x", "jobs.0.1", "other.0"] {
        let subject = format!("test.queue.{subject}");
        let refused = stranger.request(subject.clone(), "x".into()).await;
        let kind = refused.err().with_context(|| subject.clone())?.kind();
        assert_eq!(kind, async_nats::RequestErrorKind::NoResponders, "{subject}");
    }
    assert_eq!(queue.status().await?.waiting, 0);
    Ok(())
}

/// The next process that opens it removes what a stranger or a killed process has left.
#[tokio::test]
async fn what_is_for_no_worker_takes_no_slot_of_a_queue_that_is_opened() -> Result<()> {
    let Some(server) = Server::start().await? else { return Ok(()) };
    let broker = server.open().await?;
    let settings = Settings { max_messages: Some(2), ..Settings::default() };
    broker.queue("jobs", settings.clone()).await?;
    for _ in 0..2 {
        publish_raw(&server, "test.queue.jobs.skipped", b"NATS/1.0\r\n\r\n", "").await?;
    }
    let queue = server.open().await?.queue("jobs", settings).await?;
    for receipt in queue.publish(vec![Message::new("x"); 2]).await {
        receipt?;
    }
    Ok(())
}

/// The subject of a dead letter has the number of its message.
#[tokio::test]
async fn a_stranger_on_the_subject_of_a_dead_letter_replaces_none() -> Result<()> {
    let Some(server) = Server::start().await? else { return Ok(()) };
    let queue = server.open().await?.queue("jobs", Settings::default()).await?;
    let dead = |n: usize| Message::new(format!("poison {n}")).id(n.to_string());
    let mut expected = Vec::new();
    for (n, headers) in [(1, &b"NATS/1.0\r\n\r\n"[..]), (2, b"unreadable")] {
        let body = format!("poison {n}");
        publish_raw(&server, &format!("test.dead.jobs.{n}"), headers, &body).await?;
        queue.publish_one(dead(n)).await?;
        queue.receive_one().await?.term().await?;
        expected.extend([Message::new(body), dead(n)]);
        assert_eq!(queue.dead_letters().await?, expected);
    }
    Ok(())
}

#[tokio::test]
async fn a_stranger_on_the_subject_of_a_log_is_an_entry() -> Result<()> {
    let Some(server) = Server::start().await? else { return Ok(()) };
    let log = server.open().await?.log("history").await?;
    log.append(0, "ours".into()).await?;
    publish_raw(&server, "test.log.history", b"unreadable", "a stranger").await?;
    let refused = log.append(1, "ours".into()).await;
    assert!(matches!(refused, Err(AppendError::Conflict { after: 1 })), "{refused:?}");
    log.append(2, "ours again".into()).await?;
    let entries: Vec<_> =
        log.read(0, 10).await?.into_iter().map(|entry| entry.body).collect();
    assert_eq!(entries, ["ours", "a stranger", "ours again"]);
    Ok(())
}

#[tokio::test]
async fn remove_leaves_what_is_not_ours() -> Result<()> {
    let Some(server) = Server::start().await? else { return Ok(()) };
    let (ours, other) = (
        server.open().await?,
        distributed::JetStream::open(&server.url(), "test2").await?,
    );
    ours.queue("jobs", Settings::default()).await?;
    ours.log("history").await?;
    let theirs = other.queue("jobs", Settings::default()).await?;
    let foreign = async_nats::jetstream::new(async_nats::connect(server.url()).await?);
    let config = async_nats::jetstream::stream::Config {
        name: "test".to_owned(),
        ..Default::default()
    };
    foreign.create_stream(config).await?;

    ours.remove().await?;
    theirs.publish_one(Message::new("x")).await?;
    let names: Vec<String> =
        futures::TryStreamExt::try_collect(foreign.stream_names()).await?;
    assert_eq!(names.len(), 3, "{names:?}");
    Ok(())
}
