//! A request carries its reply channel, and each side detects that the other has dropped its end.
//!
//! asyncio: a `Future` in the message. If it is never resolved, its client waits forever. Tokio: a
//! `oneshot` channel. If the clerk drops the sender, the client gets an error; if the client drops
//! the receiver, the clerk can see that. One task owns the data, so there is nothing to lock.

use async_kit::{Lane, Millis, say};
use tokio::{
    sync::{mpsc, oneshot},
    time::{sleep, timeout},
};

/// Ann gets a reply, Bob times out before his, and the clerk cannot answer Cid's request.
pub(crate) async fn run() -> anyhow::Result<()> {
    three_requests().await
}

// ANCHOR: answers
struct Request {
    number: u32,
    reply: oneshot::Sender<u32>,
}

async fn three_requests() -> anyhow::Result<()> {
    let (clerk, requests) = mpsc::channel(8);
    let serving = tokio::spawn(serve(requests).lane("clerk"));
    let ann = tokio::spawn(request(clerk.clone(), 2).try_lane("ann"));
    let bob = tokio::spawn(request_briefly(clerk.clone(), 3).try_lane("bob"));
    let cid = tokio::spawn(request(clerk, 13).try_lane("cid"));
    ann.await??;
    bob.await??;
    cid.await??;
    serving.await?;
    Ok(())
}

async fn request(clerk: mpsc::Sender<Request>, number: u32) -> anyhow::Result<()> {
    let (reply, replied) = oneshot::channel();
    clerk.send(Request { number, reply }).await?;
    match replied.await {
        Ok(square) => say!("gets the reply: {number} times {number} is {square}"),
        Err(_) => say!("gets no reply"),
    }
    Ok(())
}

async fn serve(mut requests: mpsc::Receiver<Request>) {
    while let Some(Request { number, reply }) = requests.recv().await {
        if reply.is_closed() {
            say!("skips {number}: its client has timed out");
            continue;
        }
        sleep(30.ms()).step("calculating").await;
        if number < 10 {
            // An error only means that the client has stopped waiting in the last 30 ms.
            let _ = reply.send(number * number);
        }
        // If nothing was sent, `reply` is dropped here, and the client gets an error.
    }
}
// ANCHOR_END: answers

async fn request_briefly(
    clerk: mpsc::Sender<Request>,
    number: u32,
) -> anyhow::Result<()> {
    let replied = timeout(20.ms(), request(clerk, number)).await;
    replied.unwrap_or_else(|_| {
        say!("times out");
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    fn seen() -> Transcript {
        virtual_time(Transcript::of(three_requests()))
    }

    #[test]
    fn a_reply_comes_back_to_the_client_that_sent_the_request() {
        seen().assert_at(30.ms(), "ann gets the reply: 2 times 2 is 4");
    }

    #[test]
    fn the_clerk_does_no_work_for_a_client_that_has_timed_out() {
        let seen = seen();
        seen.assert_at(20.ms(), "bob times out");
        seen.assert_at(30.ms(), "clerk skips 3: its client has timed out");
        assert_eq!(seen.elapsed(), 60.ms(), "two results were calculated: {seen}");
    }

    #[test]
    fn a_client_gets_an_error_when_the_clerk_drops_the_reply_channel() {
        seen().assert_at(60.ms(), "cid gets no reply");
    }
}
