//! Durations read best as they are said: `100.ms()`, `2.secs()`.

use std::time::Duration;

/// Names a whole number as a [`Duration`].
///
/// # Examples
///
/// ```
/// use async_kit::Millis;
///
/// assert_eq!(2.secs(), 2000.ms());
/// ```
pub trait Millis {
    /// This many milliseconds, Tokio's smallest tick.
    fn ms(self) -> Duration;
    /// This many seconds.
    fn secs(self) -> Duration;
}

impl Millis for u64 {
    fn ms(self) -> Duration {
        Duration::from_millis(self)
    }

    fn secs(self) -> Duration {
        Duration::from_secs(self)
    }
}
