//! A test that sleeps to let things settle is green on one machine and red on the next.
//!
//! asyncio: `await asyncio.sleep(0.05)`, and then the assertion, is the same mistake. What has to
//! be waited for is the event itself, with a limit so generous that it passes only where the
//! event never comes. Then the speed of the machine changes how long a test takes, and not what
//! it says.

use std::{sync::Arc, time::Duration};

use async_kit::{Event, Lane, Millis, knob, say};
use tokio::time::{sleep, timeout};

/// Two tests of one server, on machines that need 10, 30 and 80 ms to start it.
pub(crate) async fn run() -> anyhow::Result<()> {
    let pause = knob("pause", 50.ms(), 1.ms()..=500.ms());
    for needs in [10, 30, 80] {
        let sleeping = sleeping_test(needs.ms(), pause).lane("sleeps").await;
        let waiting = waiting_test(needs.ms()).lane("waits").await;
        let [sleeping, waiting] = [sleeping, waiting].map(colour);
        say!("started in {needs} ms: to sleep is {sleeping}, to wait is {waiting}");
    }
    Ok(())
}

fn colour(passed: bool) -> &'static str {
    if passed { "green" } else { "red" }
}

// ANCHOR: flaky
async fn sleeping_test(needs: Duration, pause: Duration) -> bool {
    let up = start_server(needs);
    sleep(pause).step("hoping").await;
    up.is_set()
}

async fn waiting_test(needs: Duration) -> bool {
    let up = start_server(needs);
    timeout(60.secs(), up.wait()).step("waiting").await.is_ok()
}
// ANCHOR_END: flaky

/// The event is set when the server is up.
fn start_server(needs: Duration) -> Arc<Event> {
    let up = Arc::new(Event::new());
    let starting = Arc::clone(&up);
    tokio::spawn(async move {
        sleep(needs).await;
        starting.set();
    });
    up
}

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    #[test]
    fn sleeping_depends_on_the_machine_and_waiting_does_not() {
        virtual_time(async {
            for (needs, sleeping) in [(1, true), (49, true), (51, false), (9999, false)] {
                assert_eq!(sleeping_test(needs.ms(), 50.ms()).await, sleeping, "{needs}");
                assert!(waiting_test(needs.ms()).await, "{needs}");
            }
        });
    }

    #[test]
    fn waiting_is_bounded_where_the_event_never_comes() {
        virtual_time(async {
            assert!(!waiting_test(100.secs()).await);
        });
    }

    #[test]
    fn waiting_takes_no_longer_than_the_machine_needs() {
        let seen = virtual_time(Transcript::of(async {
            waiting_test(10.ms()).await;
        }));
        assert_eq!(seen.elapsed(), 10.ms());
    }

    #[test]
    fn only_the_slow_machine_turns_a_test_red_and_only_the_one_that_sleeps() {
        virtual_time(Transcript::of(run())).assert_lines([
            "[  0.060s] started in 10 ms: to sleep is green, to wait is green",
            "[  0.140s] started in 30 ms: to sleep is green, to wait is green",
            "[  0.270s] started in 80 ms: to sleep is red, to wait is green",
        ]);
    }
}
