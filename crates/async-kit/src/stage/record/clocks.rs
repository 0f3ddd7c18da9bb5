//! Two clocks are compared by one round trip, and half of the round trip bounds the error.

use std::time::Duration;

/// By how many millionths each of two clocks may run too fast or too slow: the frequency tolerance that NTP
/// assumes, `PHI` in [RFC 5905](https://www.rfc-editor.org/rfc/rfc5905#section-7.1).
const TOLERANCE: u32 = 15;

/// One moment on two clocks: that of this run, and that of another process.
///
/// Each time counts from its own start, such as the beginning of a run, so one alone does not determine the
/// other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clocks {
    /// What the clock of the other process showed.
    pub theirs: Duration,
    /// What the clock of this run showed at the same moment.
    pub ours: Duration,
    /// `ours` may be too early or too late by at most this.
    pub within: Duration,
}

impl Clocks {
    /// Compares the clocks by a question that the other process has asked, and this run has answered.
    ///
    /// The other process asked at `asked` and received the answer at `returned`, both by its clock. This run
    /// received the question at `received` and answered at `answered`, both by the clock of this run. The
    /// middle of the first two and the middle of the other two count as the same moment. That is exact if
    /// the question and the answer take the same time. If one of them takes all the time, the error is half
    /// of the time that both were on their way, which is [`within`](Self::within).
    ///
    /// The method is that of [F. Cristian, *Probabilistic clock synchronization*, 1989][cristian], with
    /// the four times of NTP, [RFC 5905, section 8][ntp].
    ///
    /// [cristian]: https://doi.org/10.1007/BF01784024
    /// [ntp]: https://www.rfc-editor.org/rfc/rfc5905#section-8
    ///
    /// # Examples
    ///
    /// ```
    /// use async_kit::{Millis, stage::record::Clocks};
    ///
    /// // Their clock began 5 s later than ours. The question and the answer took 3 ms and 1 ms.
    /// let clocks = Clocks::of_round_trip(100.ms(), 5_103.ms(), 5_103.ms(), 104.ms());
    /// assert_eq!(clocks, Clocks { theirs: 102.ms(), ours: 5_103.ms(), within: 2.ms() });
    /// assert_eq!(clocks.ours_at(112.ms()), 5_113.ms()); // the exact time is 5_112 ms
    /// ```
    pub fn of_round_trip(
        asked: Duration,
        received: Duration,
        answered: Duration,
        returned: Duration,
    ) -> Self {
        let waited = returned.saturating_sub(asked);
        let took = answered.saturating_sub(received);
        let on_the_way = waited.saturating_sub(took);
        Self {
            theirs: asked.saturating_add(waited / 2),
            ours: received.saturating_add(took / 2),
            // Rounded up, so that it is still a bound.
            within: on_the_way - on_the_way / 2,
        }
    }

    /// What the clock of this run showed when the other one showed `theirs`; zero if that was before
    /// this run began.
    pub fn ours_at(&self, theirs: Duration) -> Duration {
        match theirs.checked_sub(self.theirs) {
            Some(later) => self.ours.saturating_add(later),
            None => self.ours.saturating_sub(self.theirs - theirs),
        }
    }

    /// By how much [`ours_at`](Self::ours_at) may be too early or too late: [`within`](Self::within),
    /// and 30 µs more for each second from the moment of the comparison, because either clock may run
    /// 15 µs a second too fast or too slow.
    pub fn within_at(&self, theirs: Duration) -> Duration {
        let drift = theirs.abs_diff(self.theirs) / 1_000_000;
        self.within.saturating_add(drift.saturating_mul(2 * TOLERANCE))
    }
}
