//! A timeout goes on while the release of what it dropped still runs, unless it is settled.
//!
//! asyncio: `asyncio.timeout` waits until the body has cleaned up. Tokio: `timeout` and `select!`
//! drop the loser and go on at once, which is what a limit is for, but then the next step meets
//! a resource that is not free yet. The kit's [`scope::settled`] around them waits for it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_kit::{
    Lane, Millis, knob, say,
    scope::{self, Release},
};
use tokio::time::{sleep, timeout};

/// Two guests give up after the same time; only one of them waits until the room is free.
pub(crate) async fn run() -> anyhow::Result<()> {
    let patience = knob("patience", 40.ms(), 1.ms()..=150.ms());
    two_guests(patience).await
}

// ANCHOR: settled
async fn two_guests(patience: Duration) -> anyhow::Result<()> {
    let hasty = tokio::spawn(hasty(patience).lane("hasty"));
    sleep(5.ms()).await;
    let settled = tokio::spawn(settled(patience).lane("settled"));
    hasty.await?;
    settled.await?;
    scope::released().await;
    Ok(())
}

async fn hasty(patience: Duration) {
    let room = Room::of("hasty");
    // An error says only that the time was over; both guests are meant to be late.
    let _ = timeout(patience, stay(room.clone())).await;
    say!("gives up, the room is {}", room.state());
}

async fn settled(patience: Duration) {
    let room = Room::of("settled");
    let _ = scope::settled(timeout(patience, stay(room.clone()))).await;
    say!("gives up, the room is {}", room.state());
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
            say!("the room is clean");
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
    ///                  0 5      40 45  70 75
    /// hasty            ██████████✓             gives up, the room is taken
    /// hasty/release              ███████✓
    /// settled            ██████████░░░░░░░✓    gives up, the room is free
    /// settled/release              ███████✓
    /// ```
    #[test]
    fn a_settled_timeout_goes_on_when_the_room_is_free_and_a_plain_one_before() {
        for patience in [1, 40, 150] {
            let seen = virtual_time(Transcript::of(two_guests(patience.ms())));
            seen.assert_at(patience.ms(), "hasty gives up, the room is taken");
            seen.assert_at((patience + 30).ms(), "hasty/release the room is clean");
            seen.assert_at((patience + 35).ms(), "settled gives up, the room is free");
        }
    }
}
