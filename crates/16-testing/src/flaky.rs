//! A test that sleeps for a fixed time passes on a fast machine and fails on a slow one.
//!
//! asyncio: `await asyncio.sleep(0.05)` before the assertion is the same mistake. A test has to wait
//! for the event itself, with a timeout so long that it expires only if the event never happens.
//! Then the speed of the machine changes how long the test takes, but not its result.

use std::{sync::Arc, time::Duration};

use async_kit::{Event, Lane, Millis, ask, knob, say};
use tokio::time::{sleep, timeout};

/// Two tests of a server, on machines whose startup of the server takes 10, 30 and 80 ms.
pub(crate) async fn run() -> anyhow::Result<()> {
    let pause = knob("pause", 50.ms(), 1.ms()..=500.ms());
    ask("pause=100ms", "after which startups is the sleeping test green?");
    for startup in [10, 30, 80] {
        let sleeping = sleeping_test(startup.ms(), pause).lane("sleeping test").await;
        let waiting = waiting_test(startup.ms()).lane("waiting test").await;
        let [sleeping, waiting] = [sleeping, waiting].map(colour);
        say!(
            "startup of {startup} ms: sleeping test is {sleeping}, waiting test is {waiting}"
        );
    }
    Ok(())
}

fn colour(passed: bool) -> &'static str {
    if passed { "green" } else { "red" }
}

// ANCHOR: flaky
async fn sleeping_test(startup: Duration, pause: Duration) -> bool {
    let up = start_server(startup);
    sleep(pause).step("sleeping").await;
    up.is_set()
}

async fn waiting_test(startup: Duration) -> bool {
    let up = start_server(startup);
    timeout(60.secs(), up.wait()).step("waiting").await.is_ok()
}
// ANCHOR_END: flaky

/// The event is set when the server is up.
fn start_server(startup: Duration) -> Arc<Event> {
    let up = Arc::new(Event::new());
    let starting = Arc::clone(&up);
    tokio::spawn(async move {
        sleep(startup).await;
        starting.set();
    });
    up
}

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    #[test]
    fn only_the_sleeping_test_depends_on_the_machine() {
        virtual_time(async {
            for (startup, sleeping) in [(1, true), (49, true), (51, false), (9999, false)]
            {
                assert_eq!(
                    sleeping_test(startup.ms(), 50.ms()).await,
                    sleeping,
                    "{startup} ms"
                );
                assert!(waiting_test(startup.ms()).await, "{startup} ms");
            }
        });
    }

    #[test]
    fn the_waiting_test_fails_if_the_event_happens_too_late() {
        virtual_time(async {
            assert!(!waiting_test(100.secs()).await);
        });
    }

    #[test]
    fn the_waiting_test_takes_no_longer_than_the_server_needs() {
        let seen = virtual_time(Transcript::of(async {
            waiting_test(10.ms()).await;
        }));
        assert_eq!(seen.elapsed(), 10.ms());
    }

    #[test]
    fn only_the_sleeping_test_is_red_and_only_on_the_slow_machine() {
        virtual_time(Transcript::of(run())).assert_lines([
            "[  0.060s] startup of 10 ms: sleeping test is green, waiting test is green",
            "[  0.140s] startup of 30 ms: sleeping test is green, waiting test is green",
            "[  0.270s] startup of 80 ms: sleeping test is red, waiting test is green",
        ]);
    }
}
