//! In virtual time a run takes no time, goes the same way every time, and never hangs.
//!
//! A paused clock jumps to the next timer as soon as nothing else can run. So a run that waits
//! for something that never comes jumps to the sentinel, a timer one year away: that is how a
//! deadlock is seen, without a thread and at once.

use std::{
    any::Any,
    fmt,
    future::Future,
    panic,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{
    runtime::{Builder, Runtime},
    time::{Instant, sleep},
};

use super::{
    record::Recorder,
    report::{self, Report},
};

/// Far beyond every timer of a section. Arbitrary, but within what Tokio's timer wheel holds.
const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// Runs a future on a clock that jumps to the next timer whenever nothing else can run.
///
/// asyncio has no counterpart; its tests wait for real. Tokio's nearest is
/// `#[tokio::test(start_paused = true)]`, which polls the test before the tasks it spawned and
/// waits for ever where this reports. It needs no attribute and no runtime: call it from a plain
/// `#[test]`. Between two awaits no time passes, and equal runs go through equal orders.
///
/// Timers count whole milliseconds. A timer half a year away or more is taken for none.
///
/// # Examples
///
/// ```
/// use async_kit::{Millis, virtual_time};
/// use tokio::time::{Instant, sleep};
///
/// let waited = virtual_time(async {
///     let start = Instant::now();
///     sleep(3600.secs()).await;
///     start.elapsed()
/// });
/// assert_eq!(waited, 3600.secs());
/// ```
///
/// A run that can never go on panics and says who waits:
///
/// ```should_panic
/// use async_kit::{Lane, virtual_time};
/// use tokio::sync::Notify;
///
/// virtual_time(async {
///     // DEADLOCK at 0.00s: nothing is left to run and no timer is pending.
///     Notify::new().notified().lane("waiter").await;
/// });
/// ```
///
/// # Panics
///
/// With the panic of the future, if it panics. With a report that names the waiting lanes, if
/// nothing can ever run again. When called inside a Tokio runtime.
#[track_caller]
pub fn virtual_time<F>(future: F) -> F::Output
where
    F: Future<Output: Send> + Send + 'static,
{
    match run(&Recorder::silent(), future) {
        Ok(output) => output,
        Err(Failure::Panicked(payload)) => panic::resume_unwind(payload),
        Err(Failure::Stuck(report)) => panic!("{report}"),
    }
}

/// Why a run in virtual time has no output.
pub(crate) enum Failure {
    /// The future panicked with this.
    Panicked(Box<dyn Any + Send>),
    /// The run could never end.
    Stuck(Report),
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Panicked(_) => f.write_str("Panicked"),
            Self::Stuck(report) => write!(f, "Stuck({report})"),
        }
    }
}

/// Runs `future` in virtual time under `recorder`: begins it, and freezes it when the run ends.
pub(crate) fn run<F>(recorder: &Recorder, future: F) -> Result<F::Output, Failure>
where
    F: Future<Output: Send> + Send + 'static,
{
    let _here = recorder.install();
    let parked = LastPark::default();
    let runtime = paused_runtime(&parked);
    runtime.block_on(async {
        recorder.begin();
        parked.note();
        // Spawned, because Tokio polls the root before its queue: that would break the order.
        let section = tokio::spawn(future);
        // The sentinel first: a section woken by nothing but the sentinel is not polled again.
        tokio::select! {
            biased;
            stopped_at = nothing_left_to_run(&parked) => {
                Err(Failure::Stuck(report::deadlock(stopped_at)))
            }
            joined = section => {
                recorder.freeze();
                joined.map_err(|error| Failure::Panicked(error.into_panic()))
            }
        }
    })
}

fn paused_runtime(parked: &LastPark) -> Runtime {
    let parked = parked.clone();
    Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .on_thread_park(move || parked.note())
        .build()
        .expect("a runtime without sockets needs nothing from the system")
}

/// Ends when no timer fired for half a year, and tells when everything stopped.
async fn nothing_left_to_run(parked: &LastPark) -> Instant {
    loop {
        sleep(YEAR).await;
        // Still ticking is no deadlock, even after a year.
        if parked.at().elapsed() > YEAR / 2 {
            return parked.at();
        }
    }
}

/// When the runtime last had nothing to run: the clock jumps only from such a moment.
#[derive(Clone, Default)]
struct LastPark(Arc<Mutex<Option<Instant>>>);

impl LastPark {
    fn note(&self) {
        let now = Instant::now();
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Tokio's timer wheel stops several times on the way to a distant timer, but only after
        // the one long jump that tells that nothing else was pending.
        if last.is_none_or(|last| now - last < YEAR / 2) {
            *last = Some(now);
        }
    }

    fn at(&self) -> Instant {
        let last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        last.unwrap_or_else(Instant::now)
    }
}

#[cfg(test)]
mod tests {
    use tokio::{
        sync::mpsc,
        time::{interval, timeout},
    };

    use super::*;
    use crate::{Lane, Millis, say};

    fn report_of(future: impl Future<Output = ()> + Send + 'static) -> String {
        match run(&Recorder::silent(), future) {
            Err(Failure::Stuck(report)) => report.to_string(),
            other => panic!("the run was expected to be stuck, and was {other:?}"),
        }
    }

    #[test]
    fn a_spawned_task_does_not_run_before_its_spawner_waits() {
        let order = virtual_time(async {
            let (tx, mut rx) = mpsc::unbounded_channel();
            let task = tokio::spawn({
                let tx = tx.clone();
                async move { tx.send("task").unwrap() }
            });
            tx.send("spawner").unwrap();
            task.await.unwrap();
            [rx.recv().await.unwrap(), rx.recv().await.unwrap()]
        });
        assert_eq!(order, ["spawner", "task"]);
    }

    #[test]
    fn a_forgotten_sender_is_reported_with_the_time_at_which_everything_stopped() {
        let report = report_of(async {
            let (tx, mut rx) = mpsc::channel(1);
            let consumer = async move {
                while let Some(item) = rx.recv().await {
                    say!("consumed {item}");
                }
            };
            let consumer = tokio::spawn(consumer.lane("consumer"));
            sleep(1000.ms()).await;
            tx.send(9).await.unwrap();
            sleep(500.ms()).await;
            consumer.await.unwrap();
            drop(tx);
        });
        let lines: Vec<_> = report.lines().collect();
        assert_eq!(
            lines[0],
            "DEADLOCK at 1.50s: nothing is left to run and no timer is pending."
        );
        let waits =
            "   consumer  has waited since 1.00s, after saying \"consumed 9\"   (lane";
        assert!(lines[1].starts_with(waits), "{report}");
        assert!(lines[1].contains("virtual_time.rs:"), "{report}");
        assert_eq!(lines[2], "   and 1 task without a lane", "{report}");
    }

    #[test]
    fn ticking_for_two_years_is_no_deadlock() {
        virtual_time(async {
            let mut ticks = interval(YEAR / 100);
            for _ in 0..=200 {
                ticks.tick().await;
            }
        });
    }

    #[test]
    fn a_wait_that_a_limit_ends_is_no_deadlock() {
        let waited = virtual_time(async {
            timeout(100.secs(), std::future::pending::<()>()).await
        });
        assert!(waited.is_err());
    }

    #[test]
    #[should_panic(expected = "my own words")]
    fn a_panic_of_the_future_is_a_panic_of_the_caller() {
        virtual_time(async { panic!("my own words") });
    }
}
