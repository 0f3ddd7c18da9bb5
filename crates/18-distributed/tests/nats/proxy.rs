//! A proxy between a client and its server, which can lose the answers of the server.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
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
    loses_ends: Arc<AtomicBool>,
    _task: JoinSet<io::Result<()>>,
}

impl Proxy {
    pub(crate) async fn to(port: u16) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("nats://{}", listener.local_addr()?);
        let countdown = Arc::new(AtomicUsize::new(0));
        let loses_ends = Arc::new(AtomicBool::new(false));
        let mut task = JoinSet::new();
        let lost = Lost(Arc::clone(&countdown), Arc::clone(&loses_ends));
        task.spawn(accept(listener, port, lost));
        Ok(Self { url, countdown, loses_ends, _task: task })
    }

    /// Loses the report that a request for messages has ended, and nothing else: the connection remains.
    pub(crate) fn lose_ends(&self) {
        self.loses_ends.store(true, Ordering::Relaxed);
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

/// What is lost: after how many answers the next one, and whether all ends of requests.
#[derive(Clone)]
struct Lost(Arc<AtomicUsize>, Arc<AtomicBool>);

async fn accept(listener: TcpListener, port: u16, lost: Lost) -> io::Result<()> {
    let mut connections = JoinSet::new();
    loop {
        let (client, _) = listener.accept().await?;
        let server = TcpStream::connect(("127.0.0.1", port)).await?;
        connections.spawn(forward(client, server, lost.clone()));
    }
}

/// Ends with whichever direction ends first, and drops both sockets.
async fn forward(client: TcpStream, server: TcpStream, lost: Lost) {
    let ((from_client, to_client), (from_server, to_server)) =
        (client.into_split(), server.into_split());
    let (mut from_client, mut to_server) = (from_client, to_server);
    tokio::select! {
        _ = copy(&mut from_client, &mut to_server) => {}
        _ = answers(from_server, to_client, &lost) => {}
    }
}

async fn answers(
    mut from_server: OwnedReadHalf,
    mut to_client: OwnedWriteHalf,
    Lost(countdown, loses_ends): &Lost,
) -> io::Result<()> {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let length = from_server.read(&mut buffer).await?;
        // The server also sends `INFO` and `PING`.
        let is_answer = buffer[..length].windows(4).any(|bytes| bytes == b"MSG ");
        if length == 0 || is_answer && is_lost(countdown) {
            return Ok(());
        }
        let mut forwarded = buffer[..length].to_vec();
        if loses_ends.load(Ordering::Relaxed) {
            remove_ends(&mut forwarded);
        }
        to_client.write_all(&forwarded).await?;
    }
}

/// Removes each message `HMSG SUBJECT ID LENGTH LENGTH`, of headers only, with the status 408. The server sends
/// such a small message in one piece.
fn remove_ends(bytes: &mut Vec<u8>) {
    let find =
        |bytes: &[u8], what: &[u8]| bytes.windows(what.len()).position(|at| at == what);
    while let Some(status) = find(bytes, b"NATS/1.0 408") {
        let begin = bytes[..status].windows(5).rposition(|at| at == b"HMSG ");
        let end = find(&bytes[status..], b"\r\n\r\n\r\n").map(|end| status + end + 6);
        bytes.drain(begin.expect("its first line")..end.expect("its end"));
    }
}

fn is_lost(countdown: &AtomicUsize) -> bool {
    let less = |number: usize| number.checked_sub(1);
    countdown.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less) == Ok(1)
}
