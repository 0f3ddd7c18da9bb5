//! Support for `rounds`, `window` and `in_order`: one job in four takes twenty times as long as the
//! others.

use async_kit::{Lane, Millis, say};
use tokio::time::sleep;

/// Not a knob, and not the number of concurrent jobs: changing that number must not change the work.
const SLOW_EVERY: usize = 4;

/// How long `rounds` takes for twelve jobs, in milliseconds, at each number of concurrent jobs. The
/// tests of `rounds` measure it, and the tests of `window` compare with it.
#[cfg(test)]
pub(crate) const TIME_IN_ROUNDS: [(usize, u64); 4] =
    [(1, 455), (2, 365), (4, 320), (6, 210)];

/// The same work for three sections, so that they differ only in the order of the jobs.
pub(crate) async fn square(n: usize) -> usize {
    let slow = n.is_multiple_of(SLOW_EVERY);
    let takes = if slow { 100.ms() } else { 5.ms() };
    let job = async {
        sleep(takes).step("working").await;
        if slow {
            say!("done");
        }
        n * n
    };
    job.lane(format!("job-{n}")).await
}
