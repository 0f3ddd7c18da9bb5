//! Stages with a queue between them work at the same time, and the slowest stage sets the pace.
//!
//! The same in both languages: a task for each stage, and a bounded queue between every two stages,
//! so that a fast stage cannot get far ahead of a slow one. The pipeline owns the tasks: if the
//! pipeline ends, fails or is cancelled, its tasks end too. asyncio: a `TaskGroup`. Tokio: a
//! `JoinSet`.

use std::time::Duration;

use async_kit::{Lane, Millis, ask, knob, say};
use tokio::{
    sync::mpsc::{Receiver, Sender, channel},
    task::JoinSet,
    time::sleep,
};

/// Three stages of 20, 30 and 10 ms: an item every 30 ms, instead of one every 60 ms.
pub(crate) async fn run() -> anyhow::Result<()> {
    let count = knob("count", 6, 1..=20_u64);
    let parsing = knob("parsing", 30.ms(), 1.ms()..=100.ms());
    ask("parsing=5ms", "which stage sets the pace now?");
    pipeline(count, parsing).await
}

// ANCHOR: overlap
async fn pipeline(count: u64, parsing: Duration) -> anyhow::Result<()> {
    let (raw, to_parse) = channel(1);
    let (parsed, to_store) = channel(1);
    // If the set is dropped before the stages are done, it aborts them.
    let mut stages = JoinSet::new();
    stages.spawn(read(count, raw).try_lane("read"));
    stages.spawn(parse(to_parse, parsing, parsed).try_lane("parse"));
    stages.spawn(store(to_store).try_lane("store"));
    while let Some(stage) = stages.join_next().await {
        stage??;
    }
    Ok(())
}

async fn read(count: u64, raw: Sender<u64>) -> anyhow::Result<()> {
    for n in 0..count {
        sleep(20.ms()).step("reading").await;
        raw.send(n).await?;
    }
    Ok(())
}

async fn parse(
    mut raw: Receiver<u64>,
    parsing: Duration,
    parsed: Sender<u64>,
) -> anyhow::Result<()> {
    while let Some(n) = raw.recv().await {
        sleep(parsing).step("parsing").await;
        parsed.send(n * n).await?;
    }
    Ok(())
}

async fn store(mut parsed: Receiver<u64>) -> anyhow::Result<()> {
    while let Some(n) = parsed.recv().await {
        sleep(10.ms()).step("storing").await;
        say!("has stored {n}");
    }
    Ok(())
}
// ANCHOR_END: overlap

#[cfg(test)]
mod tests {
    use async_kit::{
        Transcript, cancel_at_every_await,
        stage::record::{Ending, Event, LaneId, What},
        virtual_time,
    };
    use futures::{StreamExt, stream};
    use tokio::{runtime::Handle, time::Instant};

    use super::*;

    fn seen(count: u64, parsing: u64) -> Transcript {
        virtual_time(Transcript::of(async move {
            pipeline(count, parsing.ms()).await.expect("no stage fails");
        }))
    }

    #[test]
    fn an_item_is_stored_every_thirty_ms_after_the_first() {
        let seen = seen(6, 30);
        for n in 0..6 {
            seen.assert_at((60 + 30 * n).ms(), &format!("store has stored {}", n * n));
        }
        assert_eq!(seen.elapsed(), 210.ms(), "not 6 * 60: {seen}");
    }

    /// ```text
    /// 0   20  40      120       220       320       420
    /// 0 1 2 ░░░░░░░░░░3░░░░░░░░░4░░░░░░░░░5░░░░░░░░░✓     reads
    /// ░░░░0███████████1█████████2█████████3█████████4██   parses
    /// ```
    #[test]
    fn a_reader_does_not_get_far_ahead_of_a_slow_parser() {
        let seen = seen(6, 100);
        let events = seen.recording().events.iter();
        let first_end = events.clone().find(|event| matches!(event.what, What::Ended(_)));
        let Event { at, lane, what, .. } = first_end.expect("every stage ends");
        let name = lane.map(|LaneId(id)| seen.recording().lanes[id].name.as_str());
        assert_eq!((name, what), (Some("read"), &What::Ended(Ending::Done)), "{seen}");
        assert_eq!(*at, 420.ms(), "reading alone takes 120 ms: {seen}");
    }

    #[test]
    fn with_a_faster_parser_reading_sets_the_pace() {
        let seen = seen(6, 5);
        for n in 0..6 {
            seen.assert_at((35 + 20 * n).ms(), &format!("store has stored {}", n * n));
        }
    }

    /// This is why each stage has a task: `buffered` makes no progress while its reader works.
    ///
    /// ```text
    /// 0   20    50    80  100   130   160
    /// 0 1 ░░░░░░░░░░░░2 3 ░░░░░░░░░░░░      two are read at the same time
    /// ░░░░0█████1█████░░░░2█████3█████      while they are parsed, nothing is read
    /// ```
    #[test]
    fn a_buffered_stream_makes_no_progress_while_its_reader_works() {
        virtual_time(async {
            let start = Instant::now();
            let read = stream::iter(0..4).map(|_| async { sleep(20.ms()).await });
            read.buffered(2).for_each(|()| sleep(30.ms())).await;
            assert_eq!(start.elapsed(), (2 * 20 + 4 * 30).ms());
        });
    }

    /// ```text
    /// 0   20      50  60
    /// ░░░░0███████⊘           the parsed item has no receiver any more
    /// ████████████████⊘       so the third item has no receiver either
    /// ```
    #[test]
    fn a_stage_without_a_receiver_fails_at_its_next_item() {
        virtual_time(async {
            let ((raw, to_parse), (parsed, to_store)) = (channel(1), channel(1));
            drop(to_store);
            let start = Instant::now();
            let reading = tokio::spawn(read(6, raw));
            parse(to_parse, 30.ms(), parsed).await.expect_err("no stage stores");
            assert_eq!(start.elapsed(), 50.ms());
            reading.await.expect("no panic").expect_err("no stage parses");
            assert_eq!(start.elapsed(), 60.ms());
        });
    }

    /// Parsing the first item takes an hour, so stages are running at every cut except the first.
    #[test]
    fn a_pipeline_cancelled_at_any_await_leaves_no_stage_behind() {
        let cuts = cancel_at_every_await(
            async || (),
            async |()| pipeline(2, 3600.secs()).await,
            async |(), cut| {
                assert_eq!(Handle::current().metrics().num_alive_tasks(), 0, "{cut}");
            },
        );
        assert_eq!(cuts, 4, "it waits for the reader, and then for the parser");
    }
}
