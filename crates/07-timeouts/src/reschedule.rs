//! A limit that progress renews ends a job that is busy but gets nowhere.
//!
//! asyncio: `limit.reschedule(when)`. Tokio: `timeout` cannot be moved; a pinned `sleep` in a
//! `select!` can, by `reset`. A new `timeout(idle, lines.recv())` in each turn would be simpler,
//! and would let any line renew the limit.

use std::{pin::pin, time::Duration};

use async_kit::{Lane, Millis, knob, say};
use tokio::{
    select,
    sync::mpsc,
    task::JoinError,
    time::{Instant, sleep},
};

/// A download makes progress at 80 ms and at 160 ms; from then on it only says that it tries.
pub(crate) async fn run() -> anyhow::Result<()> {
    let idle = knob("idle", 130.ms(), 10.ms()..=1.secs());
    watched_download(idle).await?;
    Ok(())
}

async fn watched_download(idle: Duration) -> Result<(), JoinError> {
    let (lines, heard) = mpsc::channel(1);
    let watcher = tokio::spawn(watch(heard, idle).lane("watcher"));
    let download = tokio::spawn(download(lines).lane("download"));
    watcher.await?;
    download.abort();
    Ok(())
}

// ANCHOR: reschedule
async fn watch(mut lines: mpsc::Receiver<Line>, idle: Duration) {
    let mut limit = pin!(sleep(idle));
    loop {
        select! {
            biased;
            line = lines.recv() => match line {
                Some(Line::Progress) => {
                    limit.as_mut().reset(Instant::now() + idle);
                    say!("renews the limit");
                }
                Some(Line::Retrying) => {}
                None => return say!("the download is complete"),
            },
            () = &mut limit => return say!("no progress for {idle:?}"),
        }
    }
}
// ANCHOR_END: reschedule

enum Line {
    Progress,
    Retrying,
}

async fn download(lines: mpsc::Sender<Line>) {
    for turn in 1..=8 {
        sleep(40.ms()).await;
        let line = if turn == 2 || turn == 4 { Line::Progress } else { Line::Retrying };
        match line {
            Line::Progress => say!("progress"),
            Line::Retrying => say!("retrying"),
        }
        if lines.send(line).await.is_err() {
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
    /// watcher       └── 130 ──✗ └─── 130 ───✗     the first limit is moved in time
    /// ```
    #[test]
    fn progress_renews_the_limit_and_other_lines_do_not() {
        virtual_time(async {
            let seen = Transcript::of(run()).await;
            seen.assert_at(280.ms(), "download retrying");
            seen.assert_at(290.ms(), "watcher no progress for 130ms");
            assert_eq!(seen.elapsed(), 290.ms(), "{seen}");
        });
    }

    #[test]
    fn without_progress_the_first_limit_holds() {
        virtual_time(async {
            Transcript::of(watched_download(70.ms())).await.assert_lines([
                "[  0.040s] download retrying",
                "[  0.070s] watcher no progress for 70ms",
            ]);
        });
    }

    #[test]
    fn a_job_that_ends_in_time_is_not_cut_off() {
        virtual_time(async {
            let seen = Transcript::of(watched_download(1.secs())).await;
            seen.assert_at(320.ms(), "watcher the download is complete");
            assert_eq!(seen.elapsed(), 320.ms(), "{seen}");
        });
    }
}
