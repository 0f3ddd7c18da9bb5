//! The three limiters of `properties`, of which only the first keeps its limit in every window.

use std::collections::VecDeque;

use tokio::{
    sync::Mutex,
    time::{Duration, Instant, sleep_until},
};

/// The number of callers that may pass in one window.
pub(super) const LIMIT: usize = 2;
/// The length of a window in milliseconds.
pub(super) const WINDOW_MS: u32 = 100;

const WINDOW_TIME: Duration = Duration::from_millis(WINDOW_MS as u64);

pub(super) trait Limiter: Default + Send + Sync + 'static {
    /// Waits until one more caller may pass.
    fn pass(&self) -> impl Future<Output = ()> + Send;
}

// ANCHOR: sliding
/// Stores when the last callers passed. Callers wait in the FIFO queue of the lock.
#[derive(Default)]
pub(super) struct SlidingWindow(Mutex<VecDeque<Instant>>);

impl Limiter for SlidingWindow {
    async fn pass(&self) {
        let mut passed = self.0.lock().await;
        if passed.len() == LIMIT {
            sleep_until(passed[0] + WINDOW_TIME).await;
            // The entry is removed after the wait, so that a cancelled caller changes nothing.
            passed.pop_front();
        }
        passed.push_back(Instant::now());
    }
}
// ANCHOR_END: sliding

/// Removes the oldest entry before the wait, so a cancelled caller lets one caller too many pass.
#[derive(Default)]
pub(super) struct EarlyRemoval(Mutex<VecDeque<Instant>>);

impl Limiter for EarlyRemoval {
    async fn pass(&self) {
        let mut passed = self.0.lock().await;
        if passed.len() == LIMIT {
            let oldest = passed.pop_front().expect("the limit is not zero");
            sleep_until(oldest + WINDOW_TIME).await;
        }
        passed.push_back(Instant::now());
    }
}

/// Counts the callers in windows that start every 100 ms, as many servers do.
pub(super) struct FixedWindow(Mutex<(Instant, usize)>);

impl Default for FixedWindow {
    fn default() -> Self {
        Self(Mutex::new((Instant::now(), 0)))
    }
}

impl Limiter for FixedWindow {
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
