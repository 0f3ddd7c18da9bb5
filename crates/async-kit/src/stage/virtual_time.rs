//! In virtual time a wait takes no real time, and a deadlock is reported immediately.
//!
//! A paused clock jumps to the next timer as soon as nothing else can run. If the run waits for
//! something that never happens, the clock jumps to the sentinel, a timer one year away. This
//! detects a deadlock immediately and without a thread. Other stuck runs are detected by a thread,
//! the watchdog.

mod heartbeat;
pub(in crate::stage) mod report;
pub mod stall_detector;
mod watchdog;

use std::{any::Any, panic, sync::Arc};

use futures::future::{BoxFuture, LocalBoxFuture};
use tokio::{
    runtime::{Builder, Handle, Runtime},
    sync::oneshot,
    task::JoinError,
    time::{Instant, sleep},
};

use crate::patterns::{monitor::panic_text, scope};

use self::{
    heartbeat::{Heartbeat, YEAR},
    report::Report,
    watchdog::Watchdog,
};
use crate::stage::{record::Recorder, runtime};

/// The text of Tokio's panic when a socket is used without a driver for it.
const NO_SOCKETS: &str = "IO is disabled";

/// Runs a future on a clock that jumps to the next timer whenever nothing else can run.
///
/// Hours of sleeping take milliseconds. Between two awaits no time passes, and every run of the
/// same program has the same order ([with exceptions](#repeatable-runs)). A run that cannot continue does not hang: it panics with a
/// report. The report names each waiting lane, the time since when it waits, and the last line that
/// it said.
///
/// | report | what happened | when it is reported, in real time |
/// |---|---|---|
/// | `DEADLOCK` | nothing is left to run and no timer is pending | immediately |
/// | `BLOCKED` | a call that blocks the thread holds the runtime | after 4.4 s without progress |
/// | `ENDLESS` | time passes or tasks yield, but the run makes no progress | after 4.4 s or more |
/// | `REAL TIME NEEDED` | a socket was used | immediately |
///
/// asyncio has no counterpart: its tests wait in real time. Tokio's nearest is
/// `#[tokio::test(start_paused = true)]`, which polls the test before the tasks that it spawned,
/// and hangs where `virtual_time` reports. `virtual_time` needs no attribute and no runtime: call it from a
/// plain `#[test]`.
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
/// A run that cannot continue panics, and the report names the waiting lane:
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
/// # Repeatable runs
///
/// Tokio polls the tasks in the same order in every run, and the timers fire in the same order. A
/// program that is random itself differs from run to run:
///
/// - `select!` starts at a random branch, and Tokio's stable API has no seed for that. If several
///   branches can be ready, write `biased;`.
/// - The order of a `HashMap` is random, and so is a random number without a seed.
/// - A thread, of `spawn_blocking` or of `std::thread`, ends after some real time, before or after
///   another step of the run.
///
/// # When the run ends
///
/// The run ends when the future and every release of a [`scope`] have ended. Tasks that still run
/// then are dropped. Calls in `spawn_blocking` that still run are waited for at most 1 s.
///
/// # Timers
///
/// Timers count whole milliseconds. A run whose next timer is half a year away or more may be
/// reported as a deadlock. While a call in `spawn_blocking` runs, the clock does not move, and the
/// run is not reported, even if the call takes a long time.
///
/// Of other threads the run knows nothing. If only a `std::thread` can wake its tasks, the run is
/// reported as a deadlock, although it would continue on a real clock: use `spawn_blocking`.
///
/// # The watchdogs
///
/// `BLOCKED` and `ENDLESS` are written to standard error immediately. The run then panics as soon
/// as it yields to the runtime; if it does not within another 2.2 s, the process exits with code
/// 101. Both need a thread, so they do not exist on WebAssembly. [`stall_detector`] explains what
/// counts as progress, which endless runs are not detected, and which long runs are wrongly
/// reported.
///
/// # Panics
///
/// If the future panics, with the same payload. If the run cannot continue, with a report. If it is
/// called inside a Tokio runtime.
#[track_caller]
pub fn virtual_time<F>(future: F) -> F::Output
where
    F: Future<Output: Send> + Send + 'static,
{
    runtime::assert_outside();
    let ended = run(&Recorder::silent(), future);
    match ended {
        Ok(output) => output,
        Err(failure) => failure.raise(),
    }
}

/// The payload of a panic.
type Payload = Box<dyn Any + Send>;

/// Why a run in virtual time has no output.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The future panicked with this payload.
    Panicked(Payload),
    /// The run could never end.
    Stuck(Report),
}

impl Failure {
    /// Panics in the caller.
    #[track_caller]
    pub(super) fn raise(self) -> ! {
        match self {
            Self::Panicked(payload) => panic::resume_unwind(payload),
            Self::Stuck(report) => panic!("{report}"),
        }
    }
}

/// Runs `future` in virtual time under `recorder`: begins it, and freezes it when the run ends.
///
/// The future is boxed, so that the runtime is compiled once and not for each type of future.
pub(crate) fn run<F>(recorder: &Recorder, future: F) -> Result<F::Output, Failure>
where
    F: Future<Output: Send> + Send + 'static,
{
    let (send, mut output) = oneshot::channel();
    let section = async move {
        // `send` does not fail, because the receiver outlives the run.
        let _ = send.send(future.await);
    };
    run_as_task(recorder, Box::pin(section))?;
    Ok(output.try_recv().expect("the future of a run without failure has ended"))
}

fn run_as_task(
    recorder: &Recorder,
    section: BoxFuture<'static, ()>,
) -> Result<(), Failure> {
    let heartbeat = Arc::new(Heartbeat::default());
    let root = async {
        let heartbeat = Arc::clone(&heartbeat);
        // The section is spawned: Tokio polls the root before the tasks in its queue, so a section
        // in the root would be polled before tasks that were woken earlier.
        let section = tokio::spawn(async move { heartbeat.counted(section).await });
        section.await.map_err(JoinError::into_panic)
    };
    run_as_root(recorder, &heartbeat, Box::pin(root))
        .map_err(|failure| with_a_hint(recorder, failure))
}

/// Runs a future that may borrow, as the root of the runtime. A panic of the future is not caught.
#[cfg(feature = "test-util")]
pub(super) fn run_here<F: Future>(
    recorder: &Recorder,
    future: F,
) -> Result<F::Output, Failure> {
    let heartbeat = Arc::new(Heartbeat::default());
    let mut output = None;
    let section = heartbeat.counted(async { output = Some(future.await) });
    let root = async {
        section.await;
        Ok(())
    };
    run_as_root(recorder, &heartbeat, Box::pin(root))?;
    Ok(output.expect("the future of a run without failure has ended"))
}

fn run_as_root(
    recorder: &Recorder,
    heartbeat: &Arc<Heartbeat>,
    section: LocalBoxFuture<'_, Result<(), Payload>>,
) -> Result<(), Failure> {
    recorder.watch();
    let _here = recorder.install();
    let runtime = paused_runtime(recorder, heartbeat);
    let watchdog = Watchdog::start(
        Arc::clone(heartbeat),
        recorder.clone(),
        runtime.handle().clone(),
    );
    let result = runtime.block_on(root(recorder, heartbeat, section));
    runtime::shut_down(runtime);
    drop(watchdog);
    match heartbeat.unread_abort() {
        Some(report) if result.is_ok() => Err(Failure::Stuck(report)),
        _ => result,
    }
}

fn paused_runtime(recorder: &Recorder, heartbeat: &Arc<Heartbeat>) -> Runtime {
    let (parking, unparking) = (Arc::clone(heartbeat), Arc::clone(heartbeat));
    let mut builder = Builder::new_current_thread();
    builder
        .enable_time()
        .start_paused(true)
        .on_thread_park(move || parking.parks())
        .on_thread_unpark(move || unparking.unparks());
    runtime::build(builder, recorder)
}

async fn root(
    recorder: &Recorder,
    heartbeat: &Heartbeat,
    section: LocalBoxFuture<'_, Result<(), Payload>>,
) -> Result<(), Failure> {
    recorder.begin();
    let section_and_releases = async {
        let ended = section.await;
        scope::released().await;
        ended
    };
    // The sentinel is polled first, so that it is armed before the section is polled.
    tokio::select! {
        biased;
        stopped = nothing_left_to_run(heartbeat) => {
            let tasks = Handle::current().metrics().num_alive_tasks();
            Err(Failure::Stuck(report::deadlock(&recorder.active(), stopped, tasks)))
        }
        report = heartbeat.aborted() => Err(Failure::Stuck(report)),
        ended = section_and_releases => {
            recorder.freeze();
            ended.map_err(Failure::Panicked)
        }
    }
}

/// Waits until no timer has fired for half a year, and returns the time at which the run stopped.
async fn nothing_left_to_run(heartbeat: &Heartbeat) -> Instant {
    loop {
        sleep(YEAR).await;
        // A run whose timers still fire is no deadlock, even after a year.
        if let Some(last) = heartbeat.last_park().filter(|last| last.elapsed() > YEAR / 2)
        {
            return last;
        }
    }
}

/// A panic about a missing I/O driver becomes a report that explains it.
fn with_a_hint(recorder: &Recorder, failure: Failure) -> Failure {
    match &failure {
        Failure::Panicked(payload) if panic_text(&**payload).contains(NO_SOCKETS) => {
            Failure::Stuck(report::needs_real_time(recorder, panic_text(&**payload)))
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
    fn a_forgotten_sender_is_reported_with_the_time_of_the_deadlock() {
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

    /// On a real clock the run would continue. So the hint names such a thread.
    #[test]
    fn a_wait_for_a_thread_outside_the_runtime_is_reported_as_a_deadlock() {
        let (ended, run_has_ended) = std::sync::mpsc::channel::<()>();
        let report = report_of(async move {
            let (tx, mut rx) = mpsc::channel::<()>(1);
            let outside = std::thread::spawn(move || {
                // It holds the sender until the run has ended.
                let _ = (run_has_ended.recv(), tx);
            });
            rx.recv().await;
            drop((ended, outside));
        });
        assert!(report.starts_with("DEADLOCK at 0.00s: "), "{report}");
        assert!(report.contains("thread outside the runtime"), "{report}");
    }

    #[test]
    fn a_deadlock_inside_a_transcript_names_the_lanes_made_inside_it() {
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

    #[test]
    fn a_deadlock_of_ten_thousand_lanes_has_a_short_report() {
        let report = report_of(async {
            let tasks: Vec<_> = (0..10_000)
                .map(|n| tokio::spawn(std::future::pending::<()>().lane(n.to_string())))
                .collect();
            futures::future::join_all(tasks).await;
        });
        let lines: Vec<_> = report.lines().collect();
        assert!(lines[16].starts_with("   15  has waited since 0.00s"), "{report}");
        assert_eq!(lines[17], "   and 9984 more lanes");
        assert_eq!(lines[18], "   and 1 task without a lane");
        assert_eq!(lines.len(), 24, "{report}");
    }

    struct Slow(Arc<AtomicBool>);

    impl scope::Release for Slow {
        async fn release(self) {
            sleep(50.ms()).await;
            self.0.store(true, Ordering::Relaxed);
        }
    }

    #[test]
    fn a_release_in_the_background_is_part_of_the_run() {
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
    fn a_line_said_on_a_blocking_thread_belongs_to_the_run() {
        let call = async {
            sleep(10.ms()).await;
            tokio::task::spawn_blocking(|| say!("from a thread")).await.unwrap();
        };
        let recorder = Recorder::silent();
        run(&recorder, call).unwrap();
        let said = What::Said("from a thread".to_owned());
        let events = recorder.recording().events;
        let [Event { at, lane: None, what, .. }] = &events[..] else {
            panic!("{events:?}")
        };
        assert_eq!((*at, what), (10.ms(), &said));
    }

    #[test]
    fn a_timer_half_a_year_away_is_no_deadlock() {
        virtual_time(async { sleep((182 * 24 * 60 * 60).secs()).await });
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
    fn a_wait_with_a_timeout_is_no_deadlock() {
        let waited = virtual_time(async {
            timeout(100.secs(), std::future::pending::<()>()).await
        });
        assert!(waited.is_err());
    }

    #[test]
    #[should_panic(expected = "on purpose")]
    fn a_panic_of_the_future_is_a_panic_of_the_caller() {
        virtual_time(async { panic!("on purpose") });
    }
}
