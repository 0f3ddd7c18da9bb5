//! A guard that is dropped before it was finished hands its clean-up to somebody who can wait.
//!
//! asyncio: a synchronous `with`, whose `__exit__` cannot await either. Tokio: `Drop`. It runs on
//! every way out, but it cannot wait, fail or be sure of a runtime: it is the fallback. So the
//! good end is a method that is awaited and disarms the guard, and `drop` only leaves a note.
//! Where the runtime ends, who would read the note ends too.

use std::time::Duration;

use anyhow::ensure;
use async_kit::{Lane, Millis, knob, say};
use tokio::{
    sync::mpsc::{self, UnboundedReceiver, UnboundedSender},
    time::sleep,
};

/// Of four drafts one is published; the other three are thrown away by the cleaner.
pub(crate) async fn run() -> anyhow::Result<()> {
    let cleaning = knob("cleaning", 30.ms(), 1.ms()..=100.ms());
    write_and_clean(cleaning).await
}

async fn write_and_clean(cleaning: Duration) -> anyhow::Result<()> {
    let (bin, drafts) = mpsc::unbounded_channel();
    let cleaner = tokio::spawn(clean(drafts, cleaning).lane("cleaner"));
    four_drafts(bin).await?;
    Ok(cleaner.await?)
}

// ANCHOR: fallback
async fn clean(mut drafts: UnboundedReceiver<&str>, cleaning: Duration) {
    // Ends when the last guard is gone, each of which holds a sender.
    while let Some(name) = drafts.recv().await {
        sleep(cleaning).step("cleaning up").await;
        say!("has thrown away the draft of {name}");
    }
    say!("goes home");
}

#[must_use = "a draft that is dropped is thrown away"]
struct Draft {
    /// Taken when there is nothing left to clean up.
    of: Option<&'static str>,
    bin: UnboundedSender<&'static str>,
}

impl Draft {
    async fn publish(mut self) {
        sleep(20.ms()).step("publishing").await;
        self.of = None;
        say!("is published");
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if let Some(name) = self.of.take() {
            // Without a cleaner there is nobody to tell, and a `drop` must not panic.
            let _ = self.bin.send(name);
        }
    }
}
// ANCHOR_END: fallback

/// One is published, one fails, one is cancelled as it writes and one as it publishes.
async fn four_drafts(bin: UnboundedSender<&'static str>) -> anyhow::Result<()> {
    let start = |name, writing: u64| {
        let draft = Draft { of: Some(name), bin: bin.clone() };
        tokio::spawn(write(draft, writing.ms()).try_lane(name))
    };
    let writers =
        [start("ada", 10), start("bob", 35), start("cem", 90), start("dai", 55)];
    drop(bin);
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
    ensure!(draft.of != Some("bob"), "bob has no more ideas");
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
    fn every_draft_that_was_not_published_is_thrown_away_once() {
        let seen = virtual_time(Transcript::of(run()));
        seen.assert_at(30.ms(), "ada is published");
        seen.assert_at(65.ms(), "cleaner has thrown away the draft of bob");
        seen.assert_at(95.ms(), "cleaner has thrown away the draft of cem");
        seen.assert_at(125.ms(), "cleaner has thrown away the draft of dai");
        seen.assert_at(125.ms(), "cleaner goes home");
    }

    #[test]
    fn however_slow_the_cleaner_no_note_is_lost_and_none_is_read_twice() {
        for cleaning in [1, 30, 100] {
            let seen = virtual_time(Transcript::of(write_and_clean(cleaning.ms())));
            let lines = seen.lines().iter();
            let said = lines.filter(|line| line.lane.as_deref() == Some("cleaner"));
            let said: Vec<_> = said.map(|line| line.text.as_str()).collect();
            let wanted = [
                "has thrown away the draft of bob",
                "has thrown away the draft of cem",
                "has thrown away the draft of dai",
                "goes home",
            ];
            assert_eq!(said, wanted, "{seen}");
            // Bob's note comes at 35 ms, the other two at 60 ms, maybe before he is done.
            let second = 60.max(35 + cleaning);
            assert_eq!(seen.elapsed(), (second + 2 * cleaning).ms(), "{seen}");
        }
    }

    #[test]
    fn a_draft_leaves_one_note_wherever_its_writer_is_cancelled() {
        let cuts = cancel_at_every_await(
            async || mpsc::unbounded_channel(),
            async |(bin, _)| {
                let draft = Draft { of: Some("eva"), bin: bin.clone() };
                write(draft, 10.ms()).await
            },
            async |(_, drafts), cut| {
                // Before the first poll the draft was not even made.
                let made = usize::from(cut != Cut::BeforeFirstPoll);
                assert_eq!(drafts.len(), made, "{cut}");
            },
        );
        assert_eq!(cuts, 5);
    }

    #[test]
    fn a_draft_whose_writer_panics_is_thrown_away() {
        let panics = async {
            let (bin, drafts) = mpsc::unbounded_channel();
            let cleaner = tokio::spawn(clean(drafts, 30.ms()));
            let writer = tokio::spawn(async move {
                let _draft = Draft { of: Some("eva"), bin };
                sleep(10.ms()).await;
                panic!("the pen breaks");
            });
            assert!(writer.await.is_err_and(|error| error.is_panic()));
            cleaner.await.unwrap();
        };
        virtual_time(Transcript::of(panics)).assert_lines([
            "[  0.040s] has thrown away the draft of eva",
            "[  0.040s] goes home",
        ]);
    }

    /// Eva begins to write on this runtime, which then ends.
    fn end_with_a_writer(runtime: Runtime, bin: UnboundedSender<&'static str>) {
        runtime.spawn(write(Draft { of: Some("eva"), bin }, 10.ms()));
        runtime.block_on(async { sleep(1.ms()).await });
    }

    fn paused() -> Runtime {
        let mut builder = Builder::new_current_thread();
        builder.enable_time().start_paused(true).build().unwrap()
    }

    #[test]
    fn the_end_of_a_runtime_drops_the_guard_which_leaves_its_note() {
        let (bin, mut drafts) = mpsc::unbounded_channel();
        end_with_a_writer(paused(), bin);
        assert_eq!(drafts.try_recv(), Ok("eva"));
    }

    #[test]
    fn the_end_of_a_runtime_takes_the_cleaner_who_would_read_the_note() {
        let (bin, drafts) = mpsc::unbounded_channel();
        let runtime = paused();
        runtime.spawn(clean(drafts, 30.ms()));
        end_with_a_writer(runtime, bin.clone());
        assert!(bin.is_closed(), "somebody could still hear of eva's draft");
    }
}
