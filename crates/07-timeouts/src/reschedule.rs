//! If only progress resets the timeout, a job that is busy without progress is ended.
//!
//! asyncio: `limit.reschedule(when)`. Tokio: the limit of a running `timeout` cannot be changed. The
//! deadline of a `sleep` can, with `reset`; the `sleep` is pinned because `select!` polls it again.
//! A new `timeout(idle, messages.recv())` in each iteration would be simpler, but then every message
//! would reset the timeout.

use std::{pin::pin, time::Duration};

use async_kit::{Lane, Millis, ask, knob, say};
use tokio::{
    select,
    sync::mpsc,
    task::JoinError,
    time::{Instant, sleep},
};

/// A download makes progress at 80 ms and at 160 ms; after that it only reports that it retries.
pub(crate) async fn run() -> anyhow::Result<()> {
    let idle = knob("idle", 130.ms(), 10.ms()..=1.secs());
    ask("idle=110ms", "when does the timeout expire?");
    watched_download(idle).await?;
    Ok(())
}

async fn watched_download(idle: Duration) -> Result<(), JoinError> {
    let (sender, receiver) = mpsc::channel(1);
    let watcher = tokio::spawn(watch(receiver, idle).lane("watcher"));
    let download = tokio::spawn(download(sender).lane("download"));
    watcher.await?;
    download.abort();
    Ok(())
}

// ANCHOR: reschedule
async fn watch(mut messages: mpsc::Receiver<Message>, idle: Duration) {
    let mut timeout = pin!(sleep(idle));
    loop {
        select! {
            biased;
            message = messages.recv() => match message {
                Some(Message::Progress) => {
                    timeout.as_mut().reset(Instant::now() + idle);
                    say!("resets the timeout");
                }
                Some(Message::Retrying) => {}
                None => return say!("sees the complete download"),
            },
            () = &mut timeout => return say!("sees no progress for {idle:?}"),
        }
    }
}
// ANCHOR_END: reschedule

enum Message {
    Progress,
    Retrying,
}

async fn download(messages: mpsc::Sender<Message>) {
    for n in 1..=8 {
        sleep(40.ms()).await;
        let message =
            if n == 2 || n == 4 { Message::Progress } else { Message::Retrying };
        match message {
            Message::Progress => say!("makes progress"),
            Message::Retrying => say!("retries"),
        }
        if messages.send(message).await.is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    /// ```text
    ///           40  80  120 160 200 240 280 290
    /// download  r   P   r   P   r   r   r
    /// watcher       └── 130 ──✗ └─── 130 ───✗     the first timeout is reset before it expires
    /// ```
    #[test]
    fn progress_resets_the_timeout_and_other_messages_do_not() {
        virtual_time(async {
            let seen = Transcript::of(run()).await;
            seen.assert_at(280.ms(), "download retries");
            seen.assert_at(290.ms(), "watcher sees no progress for 130ms");
            assert_eq!(seen.elapsed(), 290.ms(), "{seen}");
        });
    }

    #[test]
    fn without_progress_the_first_timeout_expires() {
        virtual_time(async {
            Transcript::of(watched_download(70.ms())).await.assert_lines([
                "[  0.040s] download retries",
                "[  0.070s] watcher sees no progress for 70ms",
            ]);
        });
    }

    #[test]
    fn a_job_that_ends_before_the_timeout_is_not_aborted() {
        virtual_time(async {
            let seen = Transcript::of(watched_download(1.secs())).await;
            seen.assert_at(320.ms(), "watcher sees the complete download");
            assert_eq!(seen.elapsed(), 320.ms(), "{seen}");
        });
    }
}
