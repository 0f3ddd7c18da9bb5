//! A timeout returns while the release of the dropped future still runs, unless you await `settled`.
//!
//! asyncio: `asyncio.timeout` waits until the body has cleaned up. Tokio: `timeout` and `select!`
//! drop an unfinished future and return immediately. So a time limit is exact, but the resource may
//! not be free yet when the next step needs it. The kit's [`scope::settled`] takes the timeout, and
//! also waits for the release.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_kit::{
    Lane, Millis, ask, knob, say,
    scope::{self, Release},
};
use tokio::time::{sleep, timeout};

/// Two guests have the same timeout; only one of them waits until the room is free.
pub(crate) async fn run() -> anyhow::Result<()> {
    let limit = knob("patience", 40.ms(), 1.ms()..=150.ms());
    ask("patience=150ms", "when does the settled guest continue?");
    two_guests(limit).await
}

// ANCHOR: settled
async fn two_guests(limit: Duration) -> anyhow::Result<()> {
    let plain = tokio::spawn(plain_guest(limit).lane("plain guest"));
    sleep(5.ms()).await;
    let settled = tokio::spawn(settled_guest(limit).lane("settled guest"));
    plain.await?;
    settled.await?;
    scope::released().await;
    Ok(())
}

async fn plain_guest(limit: Duration) {
    let room = Room::of("plain guest");
    // The error is expected: both guests stay longer than any limit.
    let _ = timeout(limit, stay(room.clone())).await;
    say!("continues, the room is {}", room.state());
}

async fn settled_guest(limit: Duration) {
    let room = Room::of("settled guest");
    let _ = scope::settled(timeout(limit, stay(room.clone()))).await;
    say!("continues, the room is {}", room.state());
}

async fn stay(room: Room) {
    room.taken.store(true, Ordering::Relaxed);
    scope::with(room, async |_| sleep(200.ms()).step("staying").await).await;
}

impl Release for Room {
    async fn release(self) {
        let clean = async {
            sleep(30.ms()).step("cleaning").await;
            self.taken.store(false, Ordering::Relaxed);
            say!("has cleaned the room");
        };
        clean.lane(format!("{}/release", self.guest)).await;
    }
}
// ANCHOR_END: settled

#[derive(Clone)]
struct Room {
    guest: &'static str,
    taken: Arc<AtomicBool>,
}

impl Room {
    fn of(guest: &'static str) -> Self {
        Self { guest, taken: Arc::default() }
    }

    fn state(&self) -> &'static str {
        if self.taken.load(Ordering::Relaxed) { "taken" } else { "free" }
    }
}

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    /// ```text
    ///                        0 5      40 45  70 75
    /// plain guest            ██████████✓             continues, the room is taken
    /// plain guest/release              ███████✓
    /// settled guest            ██████████░░░░░░░✓    continues, the room is free
    /// settled guest/release              ███████✓
    /// ```
    #[test]
    fn only_a_settled_timeout_returns_after_the_release() {
        for limit in [1, 40, 150] {
            let seen = virtual_time(Transcript::of(two_guests(limit.ms())));
            seen.assert_at(limit.ms(), "plain guest continues, the room is taken");
            seen.assert_at((limit + 30).ms(), "plain guest/release has cleaned the room");
            seen.assert_at(
                (limit + 35).ms(),
                "settled guest continues, the room is free",
            );
        }
    }
}
