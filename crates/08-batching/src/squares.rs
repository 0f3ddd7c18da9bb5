//! One job in four takes twenty times as long as the others, however many run at once.

use async_kit::{Lane, Millis, say};
use tokio::time::sleep;

/// No knob, and not the number that run at once: to turn that must not change the work.
const SLOW_EVERY: usize = 4;

/// The work that three sections share, so that only the way it is organised differs.
pub(crate) async fn square(n: usize) -> usize {
    let slow = n.is_multiple_of(SLOW_EVERY);
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
