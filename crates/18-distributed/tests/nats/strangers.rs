//! Another program publishes to a subject of ours.

use anyhow::{Context, Result};
use async_nats::HeaderMap;
use distributed::{Broker, Message, Settings};

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

#[tokio::test]
async fn the_server_refuses_a_subject_that_is_no_partition() -> Result<()> {
    let Some(server) = Server::start().await? else { return Ok(()) };
    let queue = server.open().await?.queue("jobs", Settings::default()).await?;
    let stranger = async_nats::connect(server.url()).await?;
    for subject in ["test.queue.jobs", "test.queue.jobs.0.1", "test.queue.other.0"] {
        let refused = stranger.request(subject, "x".into()).await;
        let kind = refused.err().context(subject)?.kind();
        assert_eq!(kind, async_nats::RequestErrorKind::NoResponders, "{subject}");
    }
    assert_eq!(queue.status().await?.waiting, 0);
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
