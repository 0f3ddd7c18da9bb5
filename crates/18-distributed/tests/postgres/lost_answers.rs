//! A commit whose answer was lost is stored, and a program must not take it for a failure.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
};

use distributed::{AppendError, Broker, Message, Postgres, PublishError, Settings};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{UnixListener, UnixStream},
};

use crate::{
    server::{Server, url_of},
    space::Space,
};

/// A connection between a client and the server that can swallow an answer.
struct Proxy {
    folder: TempDir,
    /// How many answers to `publish` or to an append are swallowed from now on.
    swallow: Arc<AtomicUsize>,
}

impl Proxy {
    fn to(server: &Path) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let listener = UnixListener::bind(folder.path().join(".s.PGSQL.5432")).unwrap();
        let swallow = Arc::new(AtomicUsize::new(0));
        let (server, left) = (server.to_owned(), swallow.clone());
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (server, left) = (server.clone(), left.clone());
                tokio::spawn(async move {
                    let server = UnixStream::connect(server).await.unwrap();
                    forward(client, server, &left).await
                });
            }
        });
        Self { folder, swallow }
    }

    fn url(&self) -> String {
        url_of("chapter", self.folder.path())
    }
}

/// Forwards what both sides send. An answer that is swallowed ends the connection, like a router that dies.
async fn forward(
    client: UnixStream,
    server: UnixStream,
    swallow: &AtomicUsize,
) -> std::io::Result<()> {
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let up = async { tokio::io::copy(&mut from_client, &mut to_server).await.map(drop) };
    let down = async {
        let mut answer = vec![0; 64 * 1024];
        loop {
            let size = from_server.read(&mut answer).await?;
            let is_commit = contains(&answer[..size], b"SELECT 1\0")
                || contains(&answer[..size], b"INSERT 0 1\0");
            let is_lost = |left: usize| (is_commit && left > 0).then(|| left - 1);
            if size == 0 || swallow.fetch_update(SeqCst, SeqCst, is_lost).is_ok() {
                return Ok(());
            }
            to_client.write_all(&answer[..size]).await?;
        }
    };
    tokio::select! { ended = up => ended, ended = down => ended }
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[tokio::test]
async fn without_an_id_a_lost_answer_is_unknown_and_the_message_is_stored_once() {
    let Some(server) = Server::start() else { return };
    let space = Space::on(server.url()).await;
    let proxy = Proxy::to(&server.socket());
    let broker = Postgres::open(&proxy.url(), &space.name).await.unwrap();
    let queue = broker.queue("jobs", Settings::default()).await.unwrap();
    let log = broker.log("history").await.unwrap();

    proxy.swallow.store(1, SeqCst);
    let error = queue.publish_one(Message::new("a")).await.unwrap_err();
    assert!(matches!(error, PublishError::Unknown(_)), "{error}");
    assert_eq!(queue.status().await.unwrap().waiting, 1);

    proxy.swallow.store(1, SeqCst);
    let receipt = queue.publish_one(Message::new("b").id("1")).await.unwrap();
    assert!(receipt.duplicate, "it was repeated, and the first attempt had stored it");
    assert_eq!(proxy.swallow.load(SeqCst), 0);
    assert_eq!(queue.status().await.unwrap().waiting, 2);

    proxy.swallow.store(1, SeqCst);
    let error = log.append(0, "x".into()).await.unwrap_err();
    assert!(matches!(error, AppendError::Broker(_)), "{error}");
    let again = log.append(0, "x".into()).await.unwrap_err();
    assert!(matches!(again, AppendError::Conflict { after: 0 }), "{again}");
    assert_eq!(log.read(0, 10).await.unwrap().len(), 1);
}
