//! A backoff is an endless sequence of delays, and a seed makes even its jitter repeatable.

use std::time::Duration;

use fastrand::Rng;

/// How long to wait before each new attempt.
///
/// Neither asyncio nor Tokio has one.
///
/// Start with [`none`](Self::none), [`fixed`](Self::fixed) or [`exponential`](Self::exponential).
/// Delays do not overflow: a delay too long for a [`Duration`] becomes [`max`](Self::max), or
/// [`Duration::MAX`] if `max` is not set.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use async_kit::Backoff;
///
/// let backoff = Backoff::exponential(Duration::from_millis(100)).max(Duration::from_millis(500));
/// let delays: Vec<_> = backoff.delays().take(4).map(|delay| delay.as_millis()).collect();
/// assert_eq!(delays, [100, 200, 400, 500]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Backoff {
    first: Duration,
    factor: f64,
    max: Duration,
    jitter: Jitter,
    seed: Option<u64>,
}

/// How much of a delay is random.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Jitter {
    /// Nothing. Clients that fail at the same time retry at the same time, again and again.
    #[default]
    None,
    /// All of it: between zero and the whole delay. Spreads the retries of many clients best.
    Full,
}

impl Backoff {
    /// Retries immediately: no delay, and no timer.
    #[must_use]
    pub const fn none() -> Self {
        Self::fixed(Duration::ZERO)
    }

    /// Waits for the same `delay` each time.
    #[must_use]
    pub const fn fixed(delay: Duration) -> Self {
        Self {
            first: delay,
            factor: 1.0,
            max: Duration::MAX,
            jitter: Jitter::None,
            seed: None,
        }
    }

    /// Waits for `first`, then twice as long after each failure (see [`factor`](Self::factor)).
    #[must_use]
    pub const fn exponential(first: Duration) -> Self {
        Self { factor: 2.0, ..Self::fixed(first) }
    }

    /// Multiplies each delay by `factor` to get the next; 2 if not set.
    ///
    /// # Panics
    ///
    /// Panics if `factor` is below 1 or not finite: delays must not shrink.
    #[must_use]
    #[track_caller]
    pub fn factor(self, factor: f64) -> Self {
        assert!(factor >= 1.0 && factor.is_finite(), "a backoff cannot grow by {factor}");
        Self { factor, ..self }
    }

    /// Limits each delay to `max`; no limit if not set.
    #[must_use]
    pub fn max(self, max: Duration) -> Self {
        Self { max, ..self }
    }

    /// Makes each delay random; [`Jitter::None`] if not set.
    #[must_use]
    pub fn jitter(self, jitter: Jitter) -> Self {
        Self { jitter, ..self }
    }

    /// Makes the jitter the same in every run. For tests only: clients with the same seed retry at
    /// the same time.
    #[must_use]
    pub fn seed(self, seed: u64) -> Self {
        Self { seed: Some(seed), ..self }
    }

    /// Returns the delays as an iterator without an end.
    #[must_use]
    #[inline]
    pub fn delays(self) -> Delays {
        let random = match self.jitter {
            Jitter::None => None,
            Jitter::Full => Some(self.seed.map_or_else(Rng::new, Rng::with_seed)),
        };
        Delays { next: self.first.min(self.max), backoff: self, random }
    }

    fn grown(self, delay: Duration) -> Duration {
        if self.factor == 1.0 {
            return delay; // exact: as a float, a delay of years would be rounded
        }
        Duration::try_from_secs_f64(delay.as_secs_f64() * self.factor)
            .map_or(self.max, |grown| grown.min(self.max))
    }
}

/// The endless iterator of [`Backoff::delays`].
#[derive(Clone, Debug)]
pub struct Delays {
    next: Duration,
    backoff: Backoff,
    random: Option<Rng>,
}

impl Iterator for Delays {
    type Item = Duration;

    #[inline]
    fn next(&mut self) -> Option<Duration> {
        let delay = self.next;
        self.next = self.backoff.grown(delay);
        Some(match &mut self.random {
            Some(random) => delay.mul_f64(random.f64()),
            None => delay,
        })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (usize::MAX, None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn first_seconds(backoff: Backoff, n: usize) -> Vec<f64> {
        backoff.delays().take(n).map(|delay| delay.as_secs_f64()).collect()
    }

    #[test]
    fn delays_grow_by_their_factor_up_to_their_maximum() {
        let doubled = Backoff::exponential(SECOND);
        assert_eq!(first_seconds(doubled, 4), [1.0, 2.0, 4.0, 8.0]);
        let tripled = doubled.factor(3.0).max(SECOND * 10);
        assert_eq!(first_seconds(tripled, 4), [1.0, 3.0, 9.0, 10.0]);
        assert_eq!(first_seconds(Backoff::fixed(SECOND), 3), [1.0; 3]);
        assert_eq!(first_seconds(Backoff::none(), 3), [0.0; 3]);
        assert_eq!(Backoff::none().delays().size_hint(), (usize::MAX, None));
        assert_eq!(first_seconds(Backoff::fixed(SECOND * 9).max(SECOND), 3), [1.0; 3]);
    }

    /// Tokio's timer rounds up, so one nanosecond too many would be a millisecond.
    #[test]
    fn whole_milliseconds_stay_whole() {
        let tenths = Backoff::exponential(Duration::from_millis(100)).factor(3.0);
        for (n, delay) in tenths.delays().take(12).enumerate() {
            assert_eq!(delay, Duration::from_millis(100 * 3_u64.pow(n as u32)));
        }
    }

    #[test]
    fn delays_too_long_for_a_duration_stay_at_the_maximum() {
        let steep = Backoff::exponential(SECOND).factor(f64::MAX);
        assert_eq!(steep.delays().nth(5_000), Some(Duration::MAX));
        assert_eq!(steep.max(SECOND * 30).delays().nth(5_000), Some(SECOND * 30));
        let jittered = steep.jitter(Jitter::Full).seed(1).delays().nth(5_000).unwrap();
        assert!(jittered < Duration::MAX, "{jittered:?}");
    }

    #[test]
    fn full_jitter_spreads_over_the_whole_delay_and_never_beyond() {
        let jittered = Backoff::fixed(SECOND).jitter(Jitter::Full).seed(7);
        let mut tenths = [0; 10];
        for delay in jittered.delays().take(1_000) {
            tenths[(delay.as_secs_f64() * 10.0) as usize] += 1;
        }
        assert!(tenths.iter().all(|n| (50..150).contains(n)), "{tenths:?}");
    }

    #[test]
    fn equal_seeds_give_equal_delays_and_different_seeds_different_ones() {
        let jittered = Backoff::exponential(SECOND).jitter(Jitter::Full);
        let delays = |seed| first_seconds(jittered.seed(seed), 5);
        assert_eq!(delays(7), delays(7));
        assert_ne!(delays(7), delays(8));
    }

    #[test]
    fn a_factor_that_shrinks_is_refused() {
        for factor in [0.5, -1.0, f64::NAN, f64::INFINITY] {
            let made = std::panic::catch_unwind(|| Backoff::none().factor(factor));
            assert!(made.is_err(), "{factor} was accepted");
        }
    }
}
