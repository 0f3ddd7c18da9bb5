//! Of three limiters only the first keeps its limit in every window and for every caller.

use std::collections::VecDeque;

use tokio::{
    sync::Mutex,
    time::{Duration, Instant, sleep_until},
};

/// So many may pass in any window of so many milliseconds.
pub(super) const LIMIT: usize = 2;
pub(super) const WINDOW: u32 = 100;

const WINDOW_TIME: Duration = Duration::from_millis(WINDOW as u64);

pub(super) trait Limiter: Default + Send + Sync + 'static {
    /// Waits until one more may pass.
    fn pass(&self) -> impl Future<Output = ()> + Send;
}

// ANCHOR: sliding
/// Remembers when the last ones passed. The lock is the line in which callers wait.
#[derive(Default)]
pub(super) struct Sliding(Mutex<VecDeque<Instant>>);

impl Limiter for Sliding {
    async fn pass(&self) {
        let mut passed = self.0.lock().await;
        if passed.len() == LIMIT {
            sleep_until(passed[0] + WINDOW_TIME).await;
            // After the wait, so that one who gives up has changed nothing.
            passed.pop_front();
        }
        passed.push_back(Instant::now());
    }
}
// ANCHOR_END: sliding

/// The same, one line earlier: who gives up has let another in.
#[derive(Default)]
pub(super) struct PaidInAdvance(Mutex<VecDeque<Instant>>);

impl Limiter for PaidInAdvance {
    async fn pass(&self) {
        let mut passed = self.0.lock().await;
        if passed.len() == LIMIT {
            let oldest = passed.pop_front().expect("the limit is not zero");
            sleep_until(oldest + WINDOW_TIME).await;
        }
        passed.push_back(Instant::now());
    }
}

/// Counts from one stroke of the clock to the next, as many servers do.
pub(super) struct ByTheClock(Mutex<(Instant, usize)>);

impl Default for ByTheClock {
    fn default() -> Self {
        Self(Mutex::new((Instant::now(), 0)))
    }
}

impl Limiter for ByTheClock {
    async fn pass(&self) {
        let mut counted = self.0.lock().await;
        let (window, passed) = &mut *counted;
        if *passed == LIMIT {
            sleep_until(*window + WINDOW_TIME).await;
        }
        while window.elapsed() >= WINDOW_TIME {
            (*window, *passed) = (*window + WINDOW_TIME, 0);
        }
        *passed += 1;
    }
}
