//! A watchdog ends a virtual run that can never end by itself.
//!
//! It is a thread, because the run's own thread may be the one that is held. Five times a second
//! it pings the root future and looks for signs of life; [`super::verdict`] judges them.

use std::{
    io::{self, Write},
    process,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use tokio::runtime::Handle;

use super::{
    heartbeat::Pulse,
    report::{self, Report},
    stall_detector::{Judge, Look, TICK, Verdict},
};
use crate::stage::record::Recorder;

/// How long a condemned run may take to end before the process is ended instead: a blocked
/// process is gone within seven seconds.
const GRACE: Duration = Duration::from_millis(2200);

/// The exit code of a process that a panic ends, because that is what happened to the run.
const PANICKED: i32 = 101;

/// Watches a run until it is dropped. On WebAssembly, where there are no threads, it does
/// nothing.
pub(super) struct Watchdog {
    over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Watchdog {
    pub(super) fn start(pulse: Arc<Pulse>, recorder: Recorder, tokio: Handle) -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let watch = Watch { over: Arc::clone(&over), pulse, recorder, tokio };
        let thread = cfg!(not(target_family = "wasm")).then(|| {
            let builder = thread::Builder::new().name("watchdog".to_owned());
            builder.spawn(move || watch.watch()).expect("a thread for the watchdog")
        });
        Self { over, thread }
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // A watchdog that panicked has said so itself.
            let _ = thread.join();
        }
    }
}

/// What the thread knows of the run.
struct Watch {
    over: Arc<AtomicBool>,
    pulse: Arc<Pulse>,
    recorder: Recorder,
    tokio: Handle,
}

impl Watch {
    fn watch(&self) {
        let start = Instant::now();
        let mut judge = Judge::default();
        while !self.is_over_within(TICK) {
            if let Some(verdict) = judge.see(&self.look(start.elapsed())) {
                return self.condemn(verdict);
            }
            self.pulse.ping();
        }
    }

    fn look(&self, at: Duration) -> Look {
        let progress = self.recorder.active().progress();
        let tasks = self.tokio.metrics().num_alive_tasks();
        Look::new(at, &self.pulse.counts(), progress, tasks, self.pulse.now())
    }

    fn condemn(&self, verdict: Verdict) {
        let report = self.report(verdict);
        shout(&format!("{report}\n"));
        self.pulse.condemn(report.already_shown());
        if !self.is_over_within(GRACE) {
            shout("The run has still not ended: the process ends now.\n");
            process::exit(PANICKED);
        }
    }

    fn report(&self, verdict: Verdict) -> Report {
        let recorder = self.recorder.active();
        let now = self.pulse.now();
        let tasks = self.tokio.metrics().num_alive_tasks();
        match verdict {
            Verdict::Blocked(held) => report::blocked(&recorder, now, held, tasks),
            Verdict::Running(since) => report::running(&recorder, now, since, tasks),
            Verdict::Spinning => report::spinning(&recorder, now, tasks),
        }
    }

    fn is_over_within(&self, limit: Duration) -> bool {
        let start = Instant::now();
        while !self.over.load(Ordering::Acquire) {
            let Some(left) = limit.checked_sub(start.elapsed()).filter(|l| !l.is_zero())
            else {
                return false;
            };
            thread::park_timeout(left);
        }
        true
    }
}

/// Writes to standard error itself: `eprintln!` is captured by the test harness, which shows it
/// when the test has ended, and this one may never end.
fn shout(text: &str) {
    // With standard error closed there is nobody left to tell.
    let _ = io::stderr().write_all(text.as_bytes());
}
