//! If a later step fails, a scope releases everything that was acquired inside it.
//!
//! asyncio: `__aexit__` is not called if `__aenter__` fails half-way, so resources that it had
//! already acquired stay open. To prevent this, enter an `AsyncExitStack` first. Rust:
//! enter the scope with an empty stack, and acquire inside the scope. After a failure or a
//! cancellation, the scope releases everything on the stack.

use anyhow::ensure;
use async_kit::{
    Lane, Millis, ask, knob, say,
    scope::{self, Release},
};
use tokio::time::sleep;

/// Opens four valves one after the other; one of them is stuck.
pub(crate) async fn run() -> anyhow::Result<()> {
    let valves = knob("valves", 4, 1..=8_usize);
    let stuck = knob("stuck", 2, 0..=8_usize);
    ask("stuck=3", "in which order are the valves closed?");
    match tokio::spawn(water(valves, stuck).try_lane("gardener")).await? {
        Ok(()) => say!("the garden is watered"),
        Err(error) => say!("the garden stays dry: {error}"),
    }
    Ok(())
}

// ANCHOR: rollback
async fn water(valves: usize, stuck: usize) -> anyhow::Result<()> {
    scope::with(Opened::default(), async |opened| {
        for n in 0..valves {
            opened.0.push(open(n, stuck).await?);
        }
        sleep(50.ms()).step("watering").await;
        Ok(())
    })
    .await
}

async fn open(n: usize, stuck: usize) -> anyhow::Result<Valve> {
    sleep(10.ms()).await;
    ensure!(n != stuck, "valve {n} is stuck");
    say!("has opened valve {n}");
    Ok(Valve(n))
}

/// The valves that are open so far. The release closes them in reverse order.
#[derive(Default)]
struct Opened(Vec<Valve>);

impl Release for Opened {
    async fn release(mut self) {
        while let Some(valve) = self.0.pop() {
            valve.close().step("closing").await;
        }
    }
}
// ANCHOR_END: rollback

struct Valve(usize);

impl Valve {
    async fn close(self) {
        sleep(10.ms()).await;
        say!("has closed valve {}", self.0);
    }
}

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    fn lines_starting_with(seen: &Transcript, start: &str) -> Vec<String> {
        let lines = seen.lines().iter().map(|line| line.text.clone());
        lines.filter(|text| text.starts_with(start)).collect()
    }

    /// ```text
    ///           0      10     20     30     40     50
    /// gardener  ░░░░░░░0░░░░░░1░░░░░░✗ 2 is stuck
    ///                                ███████1██████0
    /// ```
    #[test]
    fn an_acquisition_that_fails_half_way_rolls_back_in_reverse_order() {
        let (seen, result) = virtual_time(Transcript::with_output(water(4, 2)));
        seen.assert_at(20.ms(), "has opened valve 1");
        seen.assert_at(40.ms(), "has closed valve 1");
        seen.assert_at(50.ms(), "has closed valve 0");
        assert_eq!(seen.elapsed(), 50.ms(), "{seen}");
        assert_eq!(result.unwrap_err().to_string(), "valve 2 is stuck");
    }

    #[test]
    fn every_valve_that_was_opened_is_closed() {
        for (valves, stuck) in [(1, 0), (4, 0), (4, 3), (8, 5), (4, 8)] {
            let (seen, result) =
                virtual_time(Transcript::with_output(water(valves, stuck)));
            assert_eq!(result.is_ok(), stuck >= valves, "{seen}");
            let wanted = stuck.min(valves);
            assert_eq!(lines_starting_with(&seen, "has opened").len(), wanted, "{seen}");
            assert_eq!(lines_starting_with(&seen, "has closed").len(), wanted, "{seen}");
        }
    }

    #[test]
    fn an_acquisition_that_is_cancelled_half_way_rolls_back_too() {
        for cancel_after in [5, 15, 25, 35, 60] {
            let run = async move {
                let gardener = tokio::spawn(water(4, 8));
                sleep(cancel_after.ms()).await;
                gardener.abort();
                scope::released().await;
            };
            let seen = virtual_time(Transcript::of(run));
            let opened = lines_starting_with(&seen, "has opened");
            let closed = lines_starting_with(&seen, "has closed");
            assert_eq!(opened.len() as u64, (cancel_after / 10).min(4), "{seen}");
            assert_eq!(opened.len(), closed.len(), "{seen}");
        }
    }
}
