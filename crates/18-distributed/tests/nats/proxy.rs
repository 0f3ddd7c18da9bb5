//! A proxy between a client and its server, which can lose the answers of the server.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    task::JoinSet,
};

pub(crate) struct Proxy {
    pub(crate) url: String,
    countdown: Arc<AtomicUsize>,
    _task: JoinSet<io::Result<()>>,
}

impl Proxy {
    pub(crate) async fn to(port: u16) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("nats://{}", listener.local_addr()?);
        let countdown = Arc::new(AtomicUsize::new(0));
        let mut task = JoinSet::new();
        task.spawn(accept(listener, port, Arc::clone(&countdown)));
        Ok(Self { url, countdown, _task: task })
    }

    /// Loses the next message of the server, and breaks the connection at this moment. A later connection
    /// loses nothing.
    pub(crate) fn lose_an_answer(&self) {
        self.lose_answer(1);
    }

    /// Like [`lose_an_answer`](Self::lose_an_answer), but loses the one with this number, counted from 1;
    /// with 0, none.
    pub(crate) fn lose_answer(&self, number: usize) {
        self.countdown.store(number, Ordering::Relaxed);
    }
}

async fn accept(
    listener: TcpListener,
    port: u16,
    countdown: Arc<AtomicUsize>,
) -> io::Result<()> {
    let mut connections = JoinSet::new();
    loop {
        let (client, _) = listener.accept().await?;
        let server = TcpStream::connect(("127.0.0.1", port)).await?;
        connections.spawn(forward(client, server, Arc::clone(&countdown)));
    }
}

/// Ends with whichever direction ends first, and drops both sockets.
async fn forward(client: TcpStream, server: TcpStream, countdown: Arc<AtomicUsize>) {
    let ((from_client, to_client), (from_server, to_server)) =
        (client.into_split(), server.into_split());
    let (mut from_client, mut to_server) = (from_client, to_server);
    tokio::select! {
        _ = copy(&mut from_client, &mut to_server) => {}
        _ = answers(from_server, to_client, &countdown) => {}
    }
}

async fn answers(
    mut from_server: OwnedReadHalf,
    mut to_client: OwnedWriteHalf,
    countdown: &AtomicUsize,
) -> io::Result<()> {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let length = from_server.read(&mut buffer).await?;
        // The server also sends `INFO` and `PING`.
        let is_answer = buffer[..length].windows(4).any(|bytes| bytes == b"MSG ");
        if length == 0 || is_answer && is_lost(countdown) {
            return Ok(());
        }
        to_client.write_all(&buffer[..length]).await?;
    }
}

fn is_lost(countdown: &AtomicUsize) -> bool {
    let less = |number: usize| number.checked_sub(1);
    countdown.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less) == Ok(1)
}
