//! A retry budget lets an outage add a fixed share to the load, however many callers retry.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

/// What one retry costs. A call brings in its percentage of it, so everything stays whole.
const RETRY: u64 = 100;

/// A bucket that every call fills a little and every retry empties by one, shared by its clones.
///
/// Three attempts each triple the load on a server that is down, just when it can bear it least.
/// With a budget of ten percent a hundred calls add ten retries, plus what was saved up before.
/// It needs no clock: the bucket holds only so much, so old calls pay for nothing.
///
/// asyncio and Tokio have none.
///
/// # Examples
///
/// ```
/// use async_kit::{Backoff, Retry, RetryBudget};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let budget = RetryBudget::percent(10).burst(2);
/// let retry = Retry::new(Backoff::none()).attempts(3).budget(&budget);
/// let mut requests = 0;
/// for _ in 0..100 {
///     let down = || {
///         requests += 1;
///         async { Err::<(), _>("the server is down") }
///     };
///     assert!(retry.run(down).await.is_err());
/// }
/// assert_eq!(requests, 100 + 10 + 1); // 300 without the budget
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct RetryBudget {
    percent: u64,
    full: u64,
    tokens: Arc<AtomicU64>,
}

impl RetryBudget {
    /// Allows so many retries for each hundred calls, and a burst of 10 to begin with.
    ///
    /// Zero is allowed: then only the burst is there, once.
    #[must_use]
    pub fn percent(retries: u32) -> Self {
        Self { percent: retries.into(), full: 0, tokens: Arc::default() }.burst(10)
    }

    /// Saves up at most so many retries for bad times; 10 if not set. A new budget is full.
    ///
    /// # Panics
    ///
    /// If `retries` is zero: a bucket that holds nothing allows no retry, ever.
    #[must_use]
    #[track_caller]
    pub fn burst(self, retries: u32) -> Self {
        assert!(retries > 0, "a retry budget has to hold at least one retry");
        let full = u64::from(retries) * RETRY;
        Self { full, tokens: Arc::new(AtomicU64::new(full)), ..self }
    }

    /// Counts one call, which pays its share into the bucket. [`Retry`](super::Retry) does this.
    pub fn deposit(&self) {
        let add = |tokens: u64| Some((tokens + self.percent).min(self.full));
        let _ = self.tokens.fetch_update(Ordering::Relaxed, Ordering::Relaxed, add);
    }

    /// Takes one retry out of the bucket, or returns `false` if there is none.
    #[must_use = "`false` forbids the retry"]
    pub fn try_withdraw(&self) -> bool {
        let take = |tokens: u64| tokens.checked_sub(RETRY);
        self.tokens.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    fn retries_left(budget: &RetryBudget) -> usize {
        (0..1_000).take_while(|_| budget.try_withdraw()).count()
    }

    #[test]
    fn a_new_budget_is_full_and_clones_share_it() {
        let budget = RetryBudget::percent(10).burst(3);
        assert!(budget.clone().try_withdraw());
        assert_eq!(retries_left(&budget), 2);
        assert!(!budget.try_withdraw(), "{budget:?}");
    }

    #[test]
    fn calls_pay_for_their_share_of_retries() {
        let budget = RetryBudget::percent(20);
        assert_eq!(retries_left(&budget), 10);
        for _ in 0..24 {
            budget.deposit();
        }
        assert_eq!(retries_left(&budget), 4, "24 calls at 20 % pay for 4 whole retries");
    }

    #[test]
    fn old_calls_pay_for_no_more_than_the_burst() {
        let budget = RetryBudget::percent(50).burst(5);
        for _ in 0..10_000 {
            budget.deposit();
        }
        assert_eq!(retries_left(&budget), 5);
    }

    #[test]
    fn threads_never_take_more_than_there_is() {
        let budget = RetryBudget::percent(0).burst(500);
        let taken: usize = thread::scope(|scope| {
            let threads = [(); 4].map(|()| scope.spawn(|| retries_left(&budget)));
            threads.into_iter().map(|thread| thread.join().unwrap()).sum()
        });
        assert_eq!(taken, 500);
    }

    #[test]
    #[should_panic = "at least one retry"]
    fn a_burst_of_nothing_is_refused() {
        let _ = RetryBudget::percent(10).burst(0);
    }
}
