//! context3 · 10 minutes · release a resource that is cancelled
//!
//! A telescope takes a photo through its open dome. When clouds come, a timeout cancels the photo, and
//! the dome stays open in the rain. The dome must close after the photo, and also if `photograph` is
//! cancelled, whenever that happens. Its motor has to be awaited, which `drop` cannot do.
//!
//! Section: `cargo run -p context-managers -- cancelled`. Code: crates/03-context-managers/src/cancelled.rs.
//! Page: docs/src/03-context-managers.md.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::SeqCst},
};

use async_kit::{Lane, Millis, exercise, say};
use tokio::time::{sleep, timeout};

// TODO: close the dome on every exit.
async fn photograph(observatory: &Observatory) {
    let mut dome = Dome::open(observatory);
    dome.expose().await;
    dome.close().await;
}

// What follows does not change.

/// Counts its open domes.
#[derive(Clone, Default)]
struct Observatory(Arc<AtomicUsize>);

struct Dome(Observatory);

impl Dome {
    fn open(observatory: &Observatory) -> Self {
        observatory.0.fetch_add(1, SeqCst);
        Self(observatory.clone())
    }

    async fn expose(&mut self) {
        sleep(100.ms()).step("expose").await;
        say!("the photo is taken");
    }

    /// The motor needs 20 ms; a dome that is dropped meanwhile stays half open.
    async fn close(self) {
        sleep(20.ms()).step("close").await;
        self.0.0.fetch_sub(1, SeqCst);
        say!("the dome is closed");
    }
}

/// Clouds come after 50 ms.
async fn cloudy_night() {
    let observatory = Observatory::default();
    let photo = photograph(&observatory).lane("astronomer");
    let _ = timeout(50.ms(), photo).await;
    sleep(100.ms()).await;
}

fn main() {
    exercise::show(cloudy_night());
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering::SeqCst;

    use async_kit::{Lane, Millis, exercise};

    use super::{Observatory, cloudy_night, photograph};

    #[test]
    fn clouds_end_the_photo_and_close_the_dome() {
        let run = exercise::observe(cloudy_night());
        run.require(
            run.lines().iter().any(|line| line.text == "the dome is closed"),
            "the dome was never closed",
            "it is closed 20 ms after the timeout",
            "The timeout drops the future at its await, and no line after it runs. What is left to close the dome?",
        )
        .require(
            !run.lines().iter().any(|line| line.text == "the photo is taken"),
            "the photo was taken in the rain",
            "the timeout ends the photo",
            "The photo runs in a task that the timeout does not cancel.",
        );
    }

    #[test]
    fn the_dome_is_closed_when_the_photo_is_returned() {
        let run = exercise::observe(async {
            let observatory = Observatory::default();
            photograph(&observatory).lane("astronomer").await;
            observatory.0.load(SeqCst)
        });
        run.returns(0, "The function returns before the motor has stopped.");
        run.takes(120.ms(), "The photo takes 100 ms, and the motor 20 ms.");
    }

    #[test]
    fn no_cancellation_leaves_a_dome_open() {
        exercise::cancelled_everywhere(
            async || Observatory::default(),
            async |observatory| photograph(observatory).await,
            async |observatory| match observatory.0.load(SeqCst) {
                0 => Ok(()),
                open => Err(format!("{open} dome is open, or half open")),
            },
            "The dome is closed on some exits only. Closing waits for the motor, so it can be cancelled too.",
        );
    }
}
