//! A watchdog aborts a run in virtual time that can never end by itself.
//!
//! It is a thread, because a blocking call may hold the run's own thread. Five times a second it
//! pings the root future and takes a sample for the [`StallDetector`].

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use tokio::runtime::Handle;

use super::{
    heartbeat::Heartbeat,
    report::{self, Report},
    stall_detector::{Diagnosis, INTERVAL, Sample, StallDetector},
};
use crate::stage::{last_resort, record::Recorder};

/// The intervals, 2.2 s, in which an aborted run may end. Then the process is ended: together with the
/// 4.4 s before, a blocked process ends within seven seconds. Intervals and not seconds, so that a run
/// that would end has its chance even if its process was suspended, or hardly ran on a busy machine.
const GRACE: usize = 11;

/// Watches a run until it is dropped. On WebAssembly it does nothing, because there are no
/// threads.
pub(super) struct Watchdog {
    over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Watchdog {
    pub(super) fn start(
        heartbeat: Arc<Heartbeat>,
        recorder: Recorder,
        tokio: Handle,
    ) -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let watch = Watch { over: Arc::clone(&over), heartbeat, recorder, tokio };
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
            // If the watchdog panicked, its panic was printed.
            let _ = thread.join();
        }
    }
}

/// The handles with which the thread observes the run.
struct Watch {
    over: Arc<AtomicBool>,
    heartbeat: Arc<Heartbeat>,
    recorder: Recorder,
    tokio: Handle,
}

impl Watch {
    fn watch(&self) {
        let start = Instant::now();
        let mut detector = StallDetector::default();
        while !self.is_over_within(INTERVAL) {
            if let Some(diagnosis) = detector.observe(&self.sample(start.elapsed())) {
                return self.abort(diagnosis);
            }
            self.heartbeat.ping();
        }
    }

    fn sample(&self, at: Duration) -> Sample {
        let progress = self.recorder.active().progress();
        let tasks = self.tokio.metrics().num_alive_tasks();
        Sample::new(at, &self.heartbeat.counts(), progress, tasks, self.heartbeat.now())
    }

    fn abort(&self, diagnosis: Diagnosis) {
        let report = self.report(diagnosis);
        last_resort::print(&format!("{report}\n"));
        self.heartbeat.abort(report.headline_only());
        if !(0..GRACE).any(|_| self.is_over_within(INTERVAL)) {
            last_resort::print("The run has still not ended: the process ends now.\n");
            last_resort::end_process();
        }
    }

    fn report(&self, diagnosis: Diagnosis) -> Report {
        let recorder = self.recorder.active();
        let now = self.heartbeat.now();
        let tasks = self.tokio.metrics().num_alive_tasks();
        match diagnosis {
            Diagnosis::Blocked(held) => report::blocked(&recorder, now, held, tasks),
            Diagnosis::Running(since) => report::running(&recorder, now, since, tasks),
            Diagnosis::Spinning => report::spinning(&recorder, now, tasks),
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
