//! `100.ms()` and `2.secs()` are short ways to write a `Duration`.

use std::time::Duration;

/// Converts a whole number to a [`Duration`].
///
/// # Examples
///
/// ```
/// use async_kit::Millis;
///
/// assert_eq!(2.secs(), 2000.ms());
/// ```
pub trait Millis {
    /// This many milliseconds. Tokio's timers count no smaller unit.
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
