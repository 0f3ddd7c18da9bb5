//! batching2 · 15 minutes · keep downloads running while the loop is busy
//!
//! A program transcribes the episodes of a podcast in order, one at a time, which needs 60 ms each.
//! Meanwhile it downloads the next episodes, two at a time. But the server closes a connection from
//! which the program has not read for more than 30 ms. Run the program: the second download breaks.
//! Mend it, with two downloads at most. If the program is cancelled, its downloads must end too.
//!
//! Section: `cargo run -p batching -- stalled`. Code: crates/08-batching/src/stalled.rs.
//! Page: docs/src/08-batching.md.

use async_kit::{Lane, Millis, exercise, say};
use futures::{StreamExt, stream};
use tokio::time::{Instant, sleep};

#[derive(Debug, PartialEq)]
struct ConnectionClosed;

/// Do not change it: an episode has three or more parts. Each must be read within 30 ms.
async fn download(episode: u32) -> Result<u32, ConnectionClosed> {
    let parts = async {
        for _ in 0..[3, 4, 3, 3, 11, 3][episode as usize - 1] {
            let start = Instant::now();
            sleep(15.ms()).step("downloading").await;
            if start.elapsed() > 30.ms() {
                return Err(ConnectionClosed);
            }
        }
        Ok(episode)
    };
    parts.try_lane(format!("episode-{episode}")).await
}

/// Do not change it.
async fn transcribe(episode: u32) {
    sleep(60.ms()).step("transcribing").lane(format!("text-{episode}")).await;
    say!("episode {episode} is a text");
}

// TODO: no download may break.
async fn run() -> Result<(), ConnectionClosed> {
    let mut downloads = stream::iter(1..=6).map(download).buffered(2);
    while let Some(episode) = downloads.next().await {
        transcribe(episode?).await;
    }
    Ok(())
}

fn main() {
    exercise::show(run());
}

#[cfg(test)]
mod tests {
    use async_kit::{Millis, exercise, stage::record::Ending};
    use tokio::time::{sleep, timeout};

    use super::run;

    #[test]
    fn downloads_make_progress_while_the_loop_transcribes() {
        let run = exercise::observe(run());
        run.never_more_than(
            "downloading",
            2,
            "More than two downloads run at the same time.",
        );
        run.never_more_than("transcribing", 1, "One episode is transcribed at a time.");
        run.returns(
            Ok(()),
            "While the body of the loop awaits, nothing polls the futures in the window, so they do \
             not read. What polls a future that no loop awaits?",
        );
        run.prints_at(
            105.ms(),
            "episode 1 is a text",
            "The first episode must be transcribed as soon as it is there, and the next ones are \
             downloaded meanwhile.",
        );
        let texts: Vec<_> = run.lines().iter().map(|line| line.text.as_str()).collect();
        let wanted = [1, 2, 3, 4, 5, 6].map(|n| format!("episode {n} is a text"));
        let order = "Every episode is transcribed, in the order in which it appeared, and not in the \
                     order in which the downloads end.";
        run.require(texts == wanted, texts.join(", "), wanted.join(", "), order);
        run.concurrently(
            "downloading",
            2,
            "One download runs at a time. The program may use two, to be ready for a slow one.",
        );
        run.takes_at_most(
            510.ms(),
            "The loop waits for a download that could have been ready.",
        );
    }

    #[test]
    fn a_cancelled_program_ends_its_downloads() {
        let run = exercise::observe(async {
            let _ = timeout(20.ms(), run()).await;
            sleep(1.secs()).await;
        });
        run.ends(
            "episode-1",
            Ending::Dropped,
            "The download goes on without the program. A task does not end when its `JoinHandle` is \
             dropped; another kind of handle aborts it.",
        );
    }
}
