//! The longest pause of a heart that beats beside some work tells how long the runtime stood still.
//!
//! It is never shorter than that, and longer by a beat at most while nothing else is late.
#![cfg(not(target_family = "wasm"))]

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use async_kit::{Lane, Millis};
use tokio::time::sleep;
use tokio_util::task::AbortOnDropHandle;

/// What a heart did beside some work.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pulse {
    pub(crate) beats: usize,
    pub(crate) longest_pause: Duration,
    last: Instant,
}

/// A beat is due every 20 ms. Arbitrary: long against a timer, short against what blocks here.
pub(crate) async fn beside<F: Future>(work: F) -> (F::Output, Pulse) {
    let pulse = Pulse { beats: 0, longest_pause: Duration::ZERO, last: Instant::now() };
    let pulse = Arc::new(Mutex::new(pulse));
    let _heart = AbortOnDropHandle::new(tokio::spawn(beat(pulse.clone()).lane("heart")));
    let output = work.await;
    let pulse = pulse.lock().unwrap_or_else(PoisonError::into_inner).at_end();
    (output, pulse)
}

async fn beat(pulse: Arc<Mutex<Pulse>>) {
    loop {
        sleep(10.ms()).await;
        // Only this half is drawn, so that one can count the beats in a timeline.
        sleep(10.ms()).step("beating").await;
        let mut pulse = pulse.lock().unwrap_or_else(PoisonError::into_inner);
        *pulse = Pulse { beats: pulse.beats + 1, last: Instant::now(), ..pulse.at_end() };
    }
}

impl Pulse {
    /// The pause that has begun with the last beat counts too.
    fn at_end(self) -> Self {
        Self { longest_pause: self.longest_pause.max(self.last.elapsed()), ..self }
    }
}
