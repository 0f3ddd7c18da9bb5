//! The first job of every `slow_every` takes twenty times as long as the others.

use std::num::NonZeroUsize;

use async_kit::{Lane, Millis, say};
use tokio::time::sleep;

/// The work that three sections share, so that only the way it is organised differs.
pub(crate) async fn square(n: usize, slow_every: NonZeroUsize) -> usize {
    let slow = n % slow_every == 0;
    let takes = if slow { 100.ms() } else { 5.ms() };
    let job = async {
        sleep(takes).step("working").await;
        if slow {
            say!("done at last");
        }
        n * n
    };
    job.lane(format!("job-{n}")).await
}
