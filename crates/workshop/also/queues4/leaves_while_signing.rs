//! The reception watches during the signature whether the guest leaves.

use async_kit::{Lane, Millis, exercise, say};
use tokio::{
    join, select,
    sync::{mpsc, oneshot},
    time::{sleep, timeout},
};

struct Request {
    reply: oneshot::Sender<u32>,
}

/// Each guest that checks in has to sign: it takes 30 ms, and must not change.
async fn sign() {
    sleep(30.ms()).step("sign").await;
}

async fn check_in(reception: mpsc::Sender<Request>) -> Option<u32> {
    let (reply, replied) = oneshot::channel();
    reception.send(Request { reply }).await.ok()?;
    replied.await.ok()
}

async fn receive(mut requests: mpsc::Receiver<Request>, mut rooms: Vec<u32>) {
    while let Some(Request { mut reply }) = requests.recv().await {
        if rooms.is_empty() {
            continue;
        }
        select! {
            biased;
            () = reply.closed() => continue,
            () = sign() => {}
        }
        let _ = reply.send(rooms.pop().expect("a room is free"));
    }
}

/// A guest that waits for a room, and leaves after this time. It must not change.
async fn guest(reception: mpsc::Sender<Request>, patience: u64) {
    match timeout(patience.ms(), check_in(reception)).await {
        Ok(Some(room)) => say!("gets room {room}"),
        Ok(None) => say!("gets no room"),
        Err(_) => say!("leaves"),
    }
}

async fn run() {
    let (send, requests) = mpsc::channel(8);
    join!(
        guest(send.clone(), 100).lane("ann"),
        guest(send.clone(), 20).lane("ben"),
        guest(send.clone(), 45).lane("cleo"),
        guest(send.clone(), 300).lane("dora"),
        guest(send, 300).lane("emil"),
        receive(requests, vec![12, 11]).lane("reception"),
    );
}

fn main() {
    exercise::show(run());
}
