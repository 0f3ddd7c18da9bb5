//! In virtual time waiting takes no time, and a deadlock is reported at once.
//!
//! A paused clock jumps to the next timer as soon as nothing else can run. So a run that waits
//! for something that never comes jumps to the sentinel, a timer one year away: that is how a
//! deadlock is seen, without a thread and at once.

mod heartbeat;
mod report;
mod stall_detector;
mod watchdog;

use std::{any::Any, fmt, panic, sync::Arc, time::Duration};

use futures::future::{BoxFuture, LocalBoxFuture};
use tokio::{
    runtime::{Builder, Handle, Runtime},
    sync::oneshot,
    task::JoinError,
    time::{Instant, sleep},
};

use crate::patterns::scope;

use self::{heartbeat::Pulse, report::Report, watchdog::Watchdog};
use crate::stage::record::Recorder;

/// Far beyond every timer of a section. Arbitrary, but within what Tokio's timer wheel holds.
pub(super) const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// How long a thread of `spawn_blocking`, which nobody can cancel, may hold up the end of a run.
const PATIENCE: Duration = Duration::from_secs(1);

/// What Tokio's panic says when a socket is used without a driver for it.
const NO_SOCKETS: &str = "IO is disabled";

/// Runs a future on a clock that jumps to the next timer whenever nothing else can run.
///
/// asyncio has no counterpart; its tests wait for real. Tokio's nearest is
/// `#[tokio::test(start_paused = true)]`, which polls the test before the tasks it spawned, and
/// waits for ever where this reports. It needs no attribute and no runtime: call it from a plain
/// `#[test]`. Between two awaits no time passes, and equal runs go through equal orders.
///
/// A run that cannot go on is reported, with who waits, since when, and its last words:
///
/// | report | what happened | when it is reported |
/// |---|---|---|
/// | `DEADLOCK` | nothing is left to run and no timer is pending | at once |
/// | `BLOCKED` | a call that blocks the thread holds the runtime | after 4.4 s of silence |
/// | `ENDLESS` | time goes on, or tasks only yield, and the run gets nowhere | after 4.4 s or more |
/// | `REAL TIME NEEDED` | a socket was used | at once |
///
/// The seconds are real ones. `BLOCKED` and `ENDLESS` are written to standard error at once; the
/// run then panics as soon as it gives control back, and if it does not within another 2.2 s, the
/// process exits with code 101. They need threads, so there are none on WebAssembly. A call in
/// `spawn_blocking` is none of these: the clock stands still until it returns, for ever if it
/// never does. What it still does when the future ends is waited for at most 1 s.
///
/// # What counts as getting nowhere
///
/// Nothing tells an endless run from a long one for sure, so `ENDLESS` goes by signs of life:
///
/// - Nobody polls the future, and no lane or task comes or goes. While the clock races (more than
///   four times as fast as the real one) that is believed for 4.4 s. At any other speed it is
///   believed until the clock jumps a thousand times within 6.6 s of silence, or ten thousand
///   times within 30 s if lines are said.
/// - The future itself asks again and again while the clock races: 6.6 s of silence. If something
///   is said, or lanes or tasks come and go, about half a minute.
/// - Tasks yield while the clock stands still: 6.6 s of silence. Lines and lanes count as life,
///   but not a hundred thousand of them at one moment; in one poll, so many are `BLOCKED`.
///
/// Hence two kinds of endless run go unreported: tasks without a lane that come and go while the
/// clock stands still, and a run that computes so much that its clock does not race, if its
/// future asks again and again, if lanes or tasks come and go, or if it jumps too seldom. And a
/// long honest run may be reported: above all one whose future waits for a task that computes for
/// 4.4 s while the clock races, or for 6.6 s in a thousand steps and in silence.
///
/// The future has ended when it and every release of a [`scope`] has. Tasks that still run then
/// are dropped. Timers count whole milliseconds; one that is half a year away or more is taken
/// for none.
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
///     //    waiter  has waited since 0.00s, and said nothing   (lane made at src/main.rs:8)
///     Notify::new().notified().lane("waiter").await;
/// });
/// ```
///
/// # Panics
///
/// With the panic of the future, if it panics. With a report, if the run cannot go on. When
/// called inside a Tokio runtime.
#[track_caller]
pub fn virtual_time<F>(future: F) -> F::Output
where
    F: Future<Output: Send> + Send + 'static,
{
    let outside = Handle::try_current().is_err();
    assert!(
        outside,
        "`virtual_time` starts a runtime of its own: call it from plain code"
    );
    let ended = run(&Recorder::silent(), future);
    match ended {
        Ok(output) => output,
        Err(failure) => failure.raise(),
    }
}

/// What a panic carries.
type Payload = Box<dyn Any + Send>;

/// Why a run in virtual time has no output.
pub(crate) enum Failure {
    /// The future panicked with this.
    Panicked(Payload),
    /// The run could never end.
    Stuck(Report),
}

impl Failure {
    /// Goes on as a panic of the caller.
    #[track_caller]
    pub(super) fn raise(self) -> ! {
        match self {
            Self::Panicked(payload) => panic::resume_unwind(payload),
            Self::Stuck(report) => panic!("{report}"),
        }
    }
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
///
/// Only a box of it goes further down, so that a runtime is compiled once and not for each test.
pub(crate) fn run<F>(recorder: &Recorder, future: F) -> Result<F::Output, Failure>
where
    F: Future<Output: Send> + Send + 'static,
{
    let (tell, mut told) = oneshot::channel();
    let section = async move {
        // The receiver outlives the run.
        let _ = tell.send(future.await);
    };
    run_as_task(recorder, Box::pin(section))?;
    Ok(told.try_recv().expect("the future of a run without failure has ended"))
}

fn run_as_task(
    recorder: &Recorder,
    section: BoxFuture<'static, ()>,
) -> Result<(), Failure> {
    let pulse = Arc::new(Pulse::default());
    let root = async {
        let pulse = Arc::clone(&pulse);
        // Spawned, because Tokio polls the root before its queue: that would break the order.
        let section = tokio::spawn(async move { pulse.counted(section).await });
        section.await.map_err(JoinError::into_panic)
    };
    run_as_root(recorder, &pulse, Box::pin(root))
        .map_err(|failure| with_a_hint(recorder, failure))
}

/// Runs a future that borrows, as the root of the runtime; its panic is not caught.
#[cfg(feature = "test-util")]
pub(super) fn run_here<F: Future>(
    recorder: &Recorder,
    future: F,
) -> Result<F::Output, Failure> {
    let pulse = Arc::new(Pulse::default());
    let mut output = None;
    let section = pulse.counted(async { output = Some(future.await) });
    let root = async {
        section.await;
        Ok(())
    };
    run_as_root(recorder, &pulse, Box::pin(root))?;
    Ok(output.expect("the future of a run without failure has ended"))
}

fn run_as_root(
    recorder: &Recorder,
    pulse: &Arc<Pulse>,
    section: LocalBoxFuture<'_, Result<(), Payload>>,
) -> Result<(), Failure> {
    recorder.watch();
    let _here = recorder.install();
    let runtime = paused_runtime(recorder, pulse);
    let watchdog =
        Watchdog::start(Arc::clone(pulse), recorder.clone(), runtime.handle().clone());
    let result = runtime.block_on(root(recorder, pulse, section));
    runtime.shutdown_timeout(PATIENCE);
    drop(watchdog);
    match pulse.unread_verdict() {
        Some(report) if result.is_ok() => Err(Failure::Stuck(report)),
        _ => result,
    }
}

fn paused_runtime(recorder: &Recorder, pulse: &Arc<Pulse>) -> Runtime {
    let recorder = recorder.clone();
    let (parking, unparking) = (Arc::clone(pulse), Arc::clone(pulse));
    Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .on_thread_park(move || parking.parks())
        .on_thread_unpark(move || unparking.unparks())
        // The threads of `spawn_blocking` speak for the same run.
        .on_thread_start(move || recorder.install_for_good())
        .build()
        .expect("a runtime without sockets needs nothing from the system")
}

async fn root(
    recorder: &Recorder,
    pulse: &Pulse,
    section: LocalBoxFuture<'_, Result<(), Payload>>,
) -> Result<(), Failure> {
    recorder.begin();
    let to_its_end = async {
        let ended = section.await;
        scope::released().await;
        ended
    };
    // The sentinel first, so that it is armed before the section is polled.
    tokio::select! {
        biased;
        stopped = nothing_left_to_run(pulse) => {
            let tasks = Handle::current().metrics().num_alive_tasks();
            Err(Failure::Stuck(report::deadlock(&recorder.active(), stopped, tasks)))
        }
        report = pulse.condemned() => Err(Failure::Stuck(report)),
        ended = to_its_end => {
            recorder.freeze();
            ended.map_err(Failure::Panicked)
        }
    }
}

/// Ends when no timer fired for half a year, and tells when everything stopped.
async fn nothing_left_to_run(pulse: &Pulse) -> Instant {
    loop {
        sleep(YEAR).await;
        // Still ticking is no deadlock, even after a year.
        if let Some(last) = pulse.last_park().filter(|last| last.elapsed() > YEAR / 2) {
            return last;
        }
    }
}

fn with_a_hint(recorder: &Recorder, failure: Failure) -> Failure {
    let Failure::Panicked(payload) = &failure else { return failure };
    let text = payload.downcast_ref::<String>().map(String::as_str);
    match text.or_else(|| payload.downcast_ref::<&str>().copied()) {
        Some(text) if text.contains(NO_SOCKETS) => {
            Failure::Stuck(report::needs_real_time(recorder, text))
        }
        _ => failure,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use tokio::{
        sync::mpsc,
        time::{interval, timeout},
    };

    use super::*;
    use crate::stage::record::{Event, What};
    use crate::{Lane, Millis, Transcript, say};

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
    fn a_deadlock_inside_a_transcript_names_the_lanes_made_there() {
        let report = report_of(async {
            sleep(1000.ms()).await;
            let stuck = async {
                sleep(50.ms()).await;
                std::future::pending::<()>().await;
            };
            Transcript::of(stuck.lane("stuck")).await;
        });
        assert!(report.starts_with("DEADLOCK at 0.05s: "), "{report}");
        assert!(report.contains("   stuck  has waited since 0.05s"), "{report}");
    }

    struct Slow(Arc<AtomicBool>);

    impl scope::Release for Slow {
        async fn release(self) {
            sleep(50.ms()).await;
            self.0.store(true, Ordering::Relaxed);
        }
    }

    #[test]
    fn a_release_left_behind_is_part_of_the_run() {
        let released = Arc::new(AtomicBool::new(false));
        let recorder = Recorder::silent();
        let slow = Slow(Arc::clone(&released));
        let ended = run(&recorder, async {
            let body = scope::with(slow, async |_| sleep(1000.ms()).await);
            timeout(10.ms(), body).await.is_err()
        });
        assert!(matches!(ended, Ok(true)), "{ended:?}");
        assert!(released.load(Ordering::Relaxed), "the runtime ended before the release");
        assert_eq!(recorder.recording().end, 60.ms());
    }

    #[test]
    fn a_thread_of_a_blocking_call_speaks_for_its_run() {
        let call = async {
            sleep(10.ms()).await;
            tokio::task::spawn_blocking(|| say!("from a thread")).await.unwrap();
        };
        let recorder = Recorder::silent();
        run(&recorder, call).unwrap();
        let said = What::Said("from a thread".to_owned());
        let heard = Event { at: 10.ms(), lane: None, what: said };
        assert_eq!(recorder.recording().events, [heard]);
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
