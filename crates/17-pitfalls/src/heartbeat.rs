//! For `blocking` and `cpu`: the longest pause of a heartbeat shows how long the runtime was blocked.
//!
//! The pause is never shorter than the block. It is at most one interval longer, if nothing else is
//! late.
#![cfg(not(target_family = "wasm"))]

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use async_kit::{Lane, Millis};
use tokio::time::sleep;
use tokio_util::task::AbortOnDropHandle;

/// The heartbeats of a task that runs beside some work.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Heartbeat {
    pub(crate) beats: usize,
    pub(crate) longest_pause: Duration,
    last: Instant,
}

/// Awaits `work` beside a task whose heartbeat is due every 20 ms.
///
/// The interval is arbitrary: long compared with the precision of a timer, and short compared with
/// the blocking calls of these sections.
pub(crate) async fn beside<F: Future>(work: F) -> (F::Output, Heartbeat) {
    let heartbeat =
        Heartbeat { beats: 0, longest_pause: Duration::ZERO, last: Instant::now() };
    let heartbeat = Arc::new(Mutex::new(heartbeat));
    let beating = tokio::spawn(beat(heartbeat.clone()).lane("heartbeat"));
    let _abort_at_end = AbortOnDropHandle::new(beating);
    let output = work.await;
    let heartbeat = heartbeat.lock().unwrap_or_else(PoisonError::into_inner).at_end();
    (output, heartbeat)
}

async fn beat(heartbeat: Arc<Mutex<Heartbeat>>) {
    loop {
        sleep(10.ms()).await;
        // The timeline shows only this half, so that the heartbeats can be counted there.
        sleep(10.ms()).step("beating").await;
        let mut heartbeat = heartbeat.lock().unwrap_or_else(PoisonError::into_inner);
        *heartbeat = Heartbeat {
            beats: heartbeat.beats + 1,
            last: Instant::now(),
            ..heartbeat.at_end()
        };
    }
}

impl Heartbeat {
    /// Returns a copy that includes the pause since the last heartbeat.
    fn at_end(self) -> Self {
        Self { longest_pause: self.longest_pause.max(self.last.elapsed()), ..self }
    }
}
