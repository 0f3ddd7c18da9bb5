//! If a guard is dropped before its normal end, it sends its clean-up to a task that can await.
//!
//! asyncio: a synchronous `with`, whose `__exit__` cannot await either. Tokio: `Drop`. It runs on
//! every exit, but it cannot await or return an error, and may run without a runtime. So `drop` is
//! only the fallback: it sends a message. Normally the program awaits a method that disarms the
//! guard. When the runtime ends, the task that would receive the message ends too.

use std::time::Duration;

use anyhow::ensure;
use async_kit::{Lane, Millis, ask, knob, say};
use tokio::{
    sync::mpsc::{self, UnboundedReceiver, UnboundedSender},
    time::sleep,
};

/// One of four drafts is published; the cleaner deletes the other three.
pub(crate) async fn run() -> anyhow::Result<()> {
    let cleaning = knob("cleaning", 30.ms(), 1.ms()..=100.ms());
    ask("cleaning=100ms", "when is the last draft deleted?");
    write_and_clean(cleaning).await
}

async fn write_and_clean(cleaning: Duration) -> anyhow::Result<()> {
    let (sender, dropped) = mpsc::unbounded_channel();
    let cleaner = tokio::spawn(clean(dropped, cleaning).lane("cleaner"));
    four_drafts(sender).await?;
    Ok(cleaner.await?)
}

// ANCHOR: fallback
async fn clean(mut dropped: UnboundedReceiver<&str>, cleaning: Duration) {
    // Each guard holds a sender, so this loop ends after the last guard is dropped.
    while let Some(author) = dropped.recv().await {
        sleep(cleaning).step("cleaning up").await;
        say!("has deleted the draft of {author}");
    }
    say!("ends");
}

#[must_use = "a dropped draft is deleted"]
struct Draft {
    /// `None` if there is nothing left to clean up.
    author: Option<&'static str>,
    cleaner: UnboundedSender<&'static str>,
}

impl Draft {
    async fn publish(mut self) {
        sleep(20.ms()).step("publishing").await;
        self.author = None;
        say!("has published the draft");
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if let Some(author) = self.author.take() {
            // `send` fails if the cleaner has ended. A `drop` must not panic, so ignore that.
            let _ = self.cleaner.send(author);
        }
    }
}
// ANCHOR_END: fallback

/// One draft is published, one fails, and two are cancelled: during writing and during publishing.
async fn four_drafts(cleaner: UnboundedSender<&'static str>) -> anyhow::Result<()> {
    let start = |author, writing: u64| {
        let draft = Draft { author: Some(author), cleaner: cleaner.clone() };
        tokio::spawn(write(draft, writing.ms()).try_lane(author))
    };
    let writers =
        [start("ada", 10), start("bob", 35), start("cem", 90), start("dai", 55)];
    drop(cleaner);
    sleep(60.ms()).await;
    writers[2].abort();
    writers[3].abort();
    for writer in writers {
        if let Ok(Err(error)) = writer.await {
            say!("{error}");
        }
    }
    Ok(())
}

async fn write(draft: Draft, writing: Duration) -> anyhow::Result<()> {
    sleep(writing).step("writing").await;
    ensure!(draft.author != Some("bob"), "bob has no more ideas");
    draft.publish().await;
    Ok(())
}

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, cancel_at_every_await, stage::Cut, virtual_time};
    use tokio::runtime::{Builder, Runtime};

    use super::*;

    /// ```text
    ///          0   10   30 35    55 60 65    95      125
    /// ada      ████▒▒▒▒▒✓
    /// bob      ███████████✗
    /// cem      ████████████████████⊘
    /// dai      █████████████████▒▒▒⊘
    /// cleaner             █████████bob███████cem███████dai
    /// ```
    #[test]
    fn every_draft_that_was_not_published_is_deleted_once() {
        let seen = virtual_time(Transcript::of(run()));
        seen.assert_at(30.ms(), "ada has published the draft");
        seen.assert_at(65.ms(), "cleaner has deleted the draft of bob");
        seen.assert_at(95.ms(), "cleaner has deleted the draft of cem");
        seen.assert_at(125.ms(), "cleaner has deleted the draft of dai");
        seen.assert_at(125.ms(), "cleaner ends");
    }

    #[test]
    fn a_slow_cleaner_receives_every_message_exactly_once() {
        for cleaning in [1, 30, 100] {
            let seen = virtual_time(Transcript::of(write_and_clean(cleaning.ms())));
            let lines = seen.lines().iter();
            let lines = lines.filter(|line| line.lane.as_deref() == Some("cleaner"));
            let texts: Vec<_> = lines.map(|line| line.text.as_str()).collect();
            let wanted = [
                "has deleted the draft of bob",
                "has deleted the draft of cem",
                "has deleted the draft of dai",
                "ends",
            ];
            assert_eq!(texts, wanted, "{seen}");
            // Bob's message is sent at 35 ms. The other two are sent at 60 ms, when the cleaner may
            // still be deleting bob's draft.
            let second = 60.max(35 + cleaning);
            assert_eq!(seen.elapsed(), (second + 2 * cleaning).ms(), "{seen}");
        }
    }

    #[test]
    fn a_draft_sends_one_message_if_its_writer_is_cancelled_at_any_await() {
        let cuts = cancel_at_every_await(
            async || mpsc::unbounded_channel(),
            async |(cleaner, _)| {
                let draft = Draft { author: Some("eva"), cleaner: cleaner.clone() };
                write(draft, 10.ms()).await
            },
            async |(_, dropped), cut| {
                // Before the first poll the draft does not exist yet.
                let created = usize::from(cut != Cut::BeforeFirstPoll);
                assert_eq!(dropped.len(), created, "{cut}");
            },
        );
        assert_eq!(cuts, 5);
    }

    #[test]
    fn a_draft_whose_writer_panics_is_deleted() {
        let panics = async {
            let (sender, dropped) = mpsc::unbounded_channel();
            let cleaner = tokio::spawn(clean(dropped, 30.ms()));
            let writer = tokio::spawn(async move {
                let _draft = Draft { author: Some("eva"), cleaner: sender };
                sleep(10.ms()).await;
                panic!("the pen breaks");
            });
            assert!(writer.await.is_err_and(|error| error.is_panic()));
            cleaner.await.unwrap();
        };
        virtual_time(Transcript::of(panics))
            .assert_lines(["[  0.040s] has deleted the draft of eva", "[  0.040s] ends"]);
    }

    /// Starts a writer on this runtime, and then ends the runtime.
    fn end_with_a_writer(runtime: Runtime, cleaner: UnboundedSender<&'static str>) {
        runtime.spawn(write(Draft { author: Some("eva"), cleaner }, 10.ms()));
        runtime.block_on(async { sleep(1.ms()).await });
    }

    fn paused_runtime() -> Runtime {
        let mut builder = Builder::new_current_thread();
        builder.enable_time().start_paused(true).build().unwrap()
    }

    #[test]
    fn the_end_of_a_runtime_drops_the_guard_which_sends_its_message() {
        let (sender, mut dropped) = mpsc::unbounded_channel();
        end_with_a_writer(paused_runtime(), sender);
        assert_eq!(dropped.try_recv(), Ok("eva"));
    }

    #[test]
    fn the_end_of_a_runtime_also_drops_the_cleaner() {
        let (sender, dropped) = mpsc::unbounded_channel();
        let runtime = paused_runtime();
        runtime.spawn(clean(dropped, 30.ms()));
        end_with_a_writer(runtime, sender.clone());
        assert!(sender.is_closed(), "the cleaner outlived its runtime");
    }
}
