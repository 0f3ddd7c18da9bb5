//! With a retry budget an outage adds a fixed share to the load, even if many callers retry.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

/// The number of tokens that one retry takes. A call adds one token for each percent, so all numbers
/// are whole.
const RETRY: u64 = 100;

/// A limit to the retries of many callers, as a share of their calls. Clones share the budget.
///
/// Neither asyncio nor Tokio has one.
///
/// # Limit
///
/// If each call makes three attempts, the load on a server triples when it is down. With a budget of
/// ten percent, a hundred calls add at most ten retries, plus those saved before. It is a token
/// bucket: every call adds tokens, and every retry takes some. The bucket needs no clock, because its
/// capacity is limited: old calls do not pay for new retries.
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
    capacity: u64,
    tokens: Arc<AtomicU64>,
}

impl RetryBudget {
    /// Allows this number of retries for each hundred calls, with a [`burst`](Self::burst) of 10.
    ///
    /// Zero is allowed: then the burst is the only supply, and nothing is added to it.
    #[must_use]
    pub fn percent(retries: u32) -> Self {
        Self { percent: retries.into(), capacity: 0, tokens: Arc::default() }.burst(10)
    }

    /// Saves at most this number of retries; 10 if not set. A new budget is full.
    ///
    /// # Panics
    ///
    /// Panics if `retries` is zero: a bucket without capacity never allows a retry.
    #[must_use]
    #[track_caller]
    pub fn burst(self, retries: u32) -> Self {
        assert!(retries > 0, "a retry budget has to hold at least one retry");
        let capacity = u64::from(retries) * RETRY;
        Self { capacity, tokens: Arc::new(AtomicU64::new(capacity)), ..self }
    }

    /// Counts one call, which adds its share to the bucket. [`Retry`](super::Retry) calls this.
    pub fn deposit(&self) {
        let add = |tokens: u64| Some((tokens + self.percent).min(self.capacity));
        let _ = self.tokens.fetch_update(Ordering::Relaxed, Ordering::Relaxed, add);
    }

    /// Takes one retry from the bucket, or returns `false` if there is none.
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
    fn a_burst_of_zero_is_refused() {
        let _ = RetryBudget::percent(10).burst(0);
    }
}
