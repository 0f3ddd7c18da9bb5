//! If a worker that sends its record while it works is killed, only what it did after its last message is
//! unknown.
#![cfg(not(target_family = "wasm"))]

use std::{future::pending, num::NonZeroUsize, process::ExitCode, time::Duration};

use anyhow::Context;
use async_kit::{Lane, Millis, TimeLimit, say, stage::record::Recorder};
use distributed::{Broker, Location, Queue, RecordSender, Settings, compare_clocks};
use lexopt::{Arg, Parser, ValueExt};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, stdin, stdout},
    select,
    time::{MissedTickBehavior, interval, sleep},
    try_join,
};
use tokio_util::sync::CancellationToken;

/// The queues that the worker opens.
pub(crate) const LETTERS: &str = "letters";
pub(crate) const RECORDS: &str = "records";

/// How long a letter takes.
const TAKES: Duration = Duration::from_millis(60);

/// How often the worker sends what it has recorded. Arbitrary: after a kill, this much time is unknown.
pub(crate) const SEND_INTERVAL: Duration = Duration::from_millis(50);

/// How many round trips compare the clocks. Arbitrary: the first ones of a new process are slow, and after
/// these the fastest one hardly becomes faster.
const ROUNDS: NonZeroUsize = NonZeroUsize::new(8).expect("not zero");

/// How long the parent may take to answer. Arbitrary: far longer than any machine needs.
const TIMEOUT: Duration = Duration::from_secs(30);

/// The settings of [`LETTERS`].
pub(crate) fn settings() -> Settings {
    Settings { ack_wait: 300.ms(), ..Settings::default() }
}

/// The role `watched --name NAME`: its standard output asks for the time of its parent, its standard input
/// has the answers.
pub(crate) async fn main(
    location: Location,
    mut arguments: Parser,
) -> anyhow::Result<ExitCode> {
    let mut name = None;
    while let Some(argument) = arguments.next()? {
        match argument {
            Arg::Long("name") => name = Some(arguments.value()?.string()?),
            _ => return Err(argument.unexpected().into()),
        }
    }
    let name = name.context("a watched worker needs --name NAME")?;
    let broker = location.open().await?;
    work(&name, &*broker, stdin(), stdout()).await?;
    Ok(ExitCode::SUCCESS)
}

// ANCHOR: work
/// Delivers letters until the parent closes `answers`.
pub(crate) async fn work(
    name: &str,
    broker: &dyn Broker,
    mut answers: impl AsyncRead + Unpin,
    questions: impl AsyncWrite + Unpin,
) -> anyhow::Result<()> {
    let recorder = Recorder::silent();
    recorder.begin();
    let clocks = compare_clocks(&mut answers, questions, || recorder.elapsed(), ROUNDS);
    let clocks = clocks.within(TIMEOUT).await.context("the parent does not answer")?;
    let clocks = clocks.context("the parent has closed the connection")?;
    let letters = broker.queue(LETTERS, settings()).await?;
    let records = broker.queue(RECORDS, Settings::default()).await?;
    let mut sender = RecordSender::new(name, recorder.clone(), records, clocks);
    let stop = CancellationToken::new();
    let working = recorder.record(async {
        let slot = || deliver(&*letters, &stop);
        try_join!(slot().try_lane("slot 1"), slot().try_lane("slot 2")).map(drop)
    });
    let stopping = async {
        let _ = answers.read_u8().await;
        stop.cancel();
        pending().await
    };
    let worked = select! {
        worked = working => worked,
        never = stopping => never,
        never = send_regularly(&mut sender) => never,
    };
    // The ends of the lanes.
    let sent = sender.send().await.context("the last record was not sent");
    worked.and(sent)
}

async fn deliver(letters: &dyn Queue, stop: &CancellationToken) -> anyhow::Result<()> {
    loop {
        let letter = select! {
            biased;
            () = stop.cancelled() => return Ok(()),
            letter = letters.receive_one() => letter?,
        };
        let text = String::from_utf8_lossy(&letter.message.body);
        say!("takes {text}, delivery {}", letter.deliveries);
        sleep(TAKES).step("delivering").await;
        letter.ack().await?;
    }
}

async fn send_regularly<T>(sender: &mut RecordSender) -> T {
    let mut ticks = interval(SEND_INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        // A record that is not sent must not end the work. The next call sends it again.
        let _ = sender.send().await;
    }
}
// ANCHOR_END: work

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use async_kit::virtual_time;
    use distributed::{Embedded, answer_clock};
    use tokio::io::{duplex, split};

    use super::*;

    #[test]
    fn a_worker_whose_queue_vanishes_ends_although_its_parent_waits() {
        virtual_time(async {
            let broker: Arc<dyn Broker> = Embedded::in_memory();
            let (ours, theirs) = duplex(64);
            let (questions, answers) = split(ours);
            tokio::spawn(answer_clock(questions, answers, || Duration::ZERO));
            let vanishing = Arc::clone(&broker);
            tokio::spawn(async move {
                sleep(100.ms()).await;
                vanishing.remove().await.expect("removed");
            });
            let (answers, questions) = split(theirs);
            let work = work("a", &*broker, answers, questions);
            let ended = work.within(1.secs()).await.expect("it ends");
            ended.expect_err("there is no queue");
        });
    }
}
