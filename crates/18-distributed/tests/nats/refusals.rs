//! If `open` fails, its error names what to do, and contains no password.

use std::time::{Duration, Instant};

use anyhow::Result;
use distributed::{Broker, BrokerError, JetStream, Settings};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use super::server::Server;

/// The error of `open` with this address.
async fn refusal(url: &str) -> BrokerError {
    JetStream::open(url, "test").await.err().expect("it is refused")
}

#[tokio::test]
async fn no_server_is_reported_soon_by_host_and_port() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    drop(listener);
    let began = Instant::now();
    let refused = refusal(&format!("nats://ada:s3cr3t@{address}")).await;
    assert!(matches!(refused, BrokerError::Connection(_)), "{refused:?}");
    let why = refused.to_string();
    assert!(why.contains(&format!("no NATS server answers at {address}")), "{why}");
    assert!(!format!("{refused:?}").contains("s3cr3t"), "{refused:?}");
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    Ok(())
}

#[tokio::test]
async fn a_server_that_says_nothing_is_reported_soon() -> Result<()> {
    // It accepts in the kernel, and never answers.
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let refused = refusal(&format!("nats://{}", listener.local_addr()?)).await;
    assert!(refused.to_string().contains("no NATS server answers"), "{refused}");
    Ok(())
}

/// A server that sends this, and then ignores what it receives. Returns its address.
async fn server_that_says(text: &'static str) -> Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        loop {
            let (mut socket, _) = listener.accept().await?;
            socket.write_all(text.as_bytes()).await?;
            let mut ignored = [0; 1024];
            while socket.read(&mut ignored).await? > 0 {
                socket.write_all(b"PONG\r\n").await?;
            }
        }
        #[expect(unreachable_code, reason = "it names the type of the error")]
        std::io::Result::Ok(())
    });
    Ok(format!("nats://ada:s3cr3t@{address}"))
}

#[tokio::test]
async fn a_server_of_another_protocol_is_no_nats_server() -> Result<()> {
    let url = server_that_says("HTTP/1.1 400 Bad Request\r\n\r\n").await?;
    let refused = refusal(&url).await;
    assert!(refused.to_string().contains("no NATS server answers"), "{refused}");
    Ok(())
}

#[tokio::test]
async fn an_old_server_is_refused_by_its_version() -> Result<()> {
    let info =
        r#"{"version":"2.2.6","headers":true,"jetstream":true,"max_payload":1048576}"#;
    let url = server_that_says(Box::leak(format!("INFO {info}\r\n").into())).await?;
    let refused = refusal(&url).await;
    assert!(matches!(refused, BrokerError::Unsupported(_)), "{refused:?}");
    assert!(refused.to_string().contains("version 2.2.6: install 2.9"), "{refused}");
    Ok(())
}

#[tokio::test]
async fn a_failed_tls_handshake_is_reported_as_such() -> Result<()> {
    let info = r#"{"version":"2.9.10","headers":true,"jetstream":true,"max_payload":1048576,"tls_required":true}"#;
    let url = server_that_says(Box::leak(format!("INFO {info}\r\n").into())).await?;
    let refused = refusal(&url).await;
    assert!(matches!(refused, BrokerError::Connection(_)), "{refused:?}");
    assert!(refused.to_string().contains("TLS"), "{refused}");
    assert!(!refused.to_string().contains("s3cr3t"), "{refused}");
    Ok(())
}

#[tokio::test]
async fn without_jetstream_the_error_names_the_option_that_turns_it_on() -> Result<()> {
    let Some(server) = Server::with(&[], "").await? else { return Ok(()) };
    let refused = refusal(&server.url()).await;
    assert!(matches!(refused, BrokerError::Unsupported(_)), "{refused:?}");
    assert!(refused.to_string().contains("nats-server -js"), "{refused}");
    Ok(())
}

#[tokio::test]
async fn an_account_without_jetstream_is_reported() -> Result<()> {
    let accounts = "accounts { A: { users: [{ user: ada, password: right }] } }";
    let Some(server) = Server::with(&["-js"], accounts).await? else { return Ok(()) };
    let url = server.url().replace("nats://", "nats://ada:right@");
    let refused = refusal(&url).await;
    assert!(matches!(refused, BrokerError::Unsupported(_)), "{refused:?}");
    Ok(())
}

#[tokio::test]
async fn a_wrong_password_is_reported_and_not_repeated() -> Result<()> {
    let user = "authorization { user: ada, password: \"right@/%\" }";
    let Some(server) = Server::with(&["-js"], user).await? else { return Ok(()) };
    for wrong in ["ada:s3cr3t@", "bob:s3cr3t@", "s3cr3t@", ""] {
        let refused = refusal(&server.url().replace("//", &format!("//{wrong}"))).await;
        assert!(matches!(refused, BrokerError::Connection(_)), "{refused:?}");
        let why = format!("{refused} {refused:?}");
        assert!(why.contains("check the user and the password"), "{why}");
        assert!(why.contains(&server.port().to_string()), "{why}");
        assert!(!why.contains("s3cr3t"), "{why}");
    }
    let right = server.url().replace("//", "//ada:right%40%2F%25@");
    JetStream::open(&right, "test").await?.log("l").await?;
    Ok(())
}

#[tokio::test]
async fn a_token_is_accepted() -> Result<()> {
    let token = "authorization { token: t0k3n }";
    let Some(server) = Server::with(&["-js"], token).await? else { return Ok(()) };
    JetStream::open(&server.url().replace("//", "//t0k3n@"), "test").await?;
    Ok(())
}

#[tokio::test]
async fn a_queue_with_other_settings_is_refused() -> Result<()> {
    let Some(server) = Server::start().await? else { return Ok(()) };
    let broker = server.open().await?;
    broker.queue("jobs", Settings::default()).await?;
    broker.queue("jobs", Settings::default()).await?;
    let others = [
        Settings { partitions: 2, ..Settings::default() },
        Settings { max_deliver: 9, ..Settings::default() },
        Settings { ack_wait: Duration::from_secs(1), ..Settings::default() },
        Settings { max_messages: Some(1), ..Settings::default() },
    ];
    for settings in others {
        let refused = broker.queue("jobs", settings).await.err().expect("refused");
        assert!(refused.to_string().contains("other settings"), "{refused}");
    }
    Ok(())
}

#[tokio::test]
async fn a_removed_queue_is_reported_by_every_operation() -> Result<()> {
    let Some(server) = Server::start().await? else { return Ok(()) };
    let broker = server.open().await?;
    let queue = broker.queue("jobs", Settings::default()).await?;
    let log = broker.log("history").await?;
    queue.publish_one(distributed::Message::new("x")).await?;
    let delivery = queue.receive_one().await?;
    let waits = tokio::spawn({
        let queue = std::sync::Arc::clone(&queue);
        async move { queue.receive_one().await }
    });
    tokio::time::sleep(Duration::from_millis(100)).await;
    broker.remove().await?;

    let reports = [
        waits.await?.err().map(|error| error.to_string()),
        queue.receive_one().await.err().map(|error| error.to_string()),
        queue.status().await.err().map(|error| error.to_string()),
        queue.dead_letters().await.err().map(|error| error.to_string()),
        delivery.ack().await.err().map(|error| error.to_string()),
        log.append(0, "x".into()).await.err().map(|error| error.to_string()),
        log.read(0, 1).await.err().map(|error| error.to_string()),
        queue
            .publish_one(distributed::Message::new("x"))
            .await
            .err()
            .map(|error| error.to_string()),
    ];
    for report in &reports {
        let says = report.as_ref().is_some_and(|report| report.contains("was removed"));
        assert!(says, "{reports:#?}");
    }
    Ok(())
}
