//! A function that takes an async closure is a reusable context manager.
//!
//! asyncio: `@asynccontextmanager`, a generator with one `yield`. The object that it returns can be
//! entered once; a second `async with` on it fails with an unclear `AttributeError`. Rust: a function
//! that acquires, calls its argument in place of the `yield`, and releases. An `AsyncFnOnce` cannot
//! be called twice, and the resource moves into the scope, so no code can use it afterwards.

use async_kit::{
    Lane, Millis, ask, knob, say,
    scope::{self, Release},
};
use tokio::time::sleep;

/// One function opens and locks a room for each meeting.
pub(crate) async fn run() -> anyhow::Result<()> {
    let meetings = knob("meetings", 2, 1..=5_usize);
    ask("meetings=5", "how many rooms are open at the same time?");
    tokio::spawn(meet(meetings).try_lane("team")).await?
}

// ANCHOR: closure
async fn meet(meetings: usize) -> anyhow::Result<()> {
    for meeting in 0..meetings {
        let minutes = with_room(async |room| {
            say!("meets in {}", room.name);
            sleep(50.ms()).step("meeting").await;
            format!("minutes of meeting {meeting}")
        });
        say!("has the {}", minutes.await);
    }
    Ok(())
}

/// Opens a room, passes it to `meeting`, and locks it on every exit of the meeting.
async fn with_room<T>(meeting: impl AsyncFnOnce(&mut Room) -> T) -> T {
    say!("opens a room");
    sleep(10.ms()).await;
    scope::with(Room { name: "the attic" }, meeting).await
}

impl Release for Room {
    async fn release(self) {
        sleep(10.ms()).await;
        say!("locks {}", self.name);
    }
}
// ANCHOR_END: closure

struct Room {
    name: &'static str,
}

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    /// ```text
    /// 0   10        60  70  80        130 140
    /// ░░░░██████████░░░░░░░░██████████░░░░✓
    /// opens         locks opens       locks
    /// ```
    #[test]
    fn the_same_function_opens_and_locks_a_room_for_each_meeting() {
        let seen = virtual_time(Transcript::of(meet(2)));
        seen.assert_lines([
            "[  0.000s] opens a room",
            "[  0.010s] meets in the attic",
            "[  0.070s] locks the attic",
            "[  0.070s] has the minutes of meeting 0",
            "[  0.070s] opens a room",
            "[  0.080s] meets in the attic",
            "[  0.140s] locks the attic",
            "[  0.140s] has the minutes of meeting 1",
        ]);
    }

    #[test]
    fn the_room_is_locked_before_the_next_meeting_opens_it() {
        for meetings in [1, 5] {
            let seen = virtual_time(Transcript::of(meet(meetings)));
            let texts: Vec<_> =
                seen.lines().iter().map(|line| line.text.as_str()).collect();
            assert_eq!(texts.len(), 4 * meetings, "{seen}");
            for (n, lines) in texts.chunks(4).enumerate() {
                let minutes = format!("has the minutes of meeting {n}");
                let wanted =
                    ["opens a room", "meets in the attic", "locks the attic", &minutes];
                assert_eq!(lines, wanted, "{seen}");
            }
            assert_eq!(seen.elapsed(), (70 * meetings as u64).ms(), "{seen}");
        }
    }

    #[test]
    fn a_meeting_that_is_cancelled_locks_the_room_too() {
        let cancelled = async {
            let meeting = tokio::spawn(meet(1));
            sleep(30.ms()).await;
            meeting.abort();
            scope::released().await;
        };
        virtual_time(Transcript::of(cancelled)).assert_at(40.ms(), "locks the attic");
    }

    #[test]
    fn a_meeting_that_fails_locks_the_room_before_its_error_is_returned() {
        let failing = async {
            let result: Result<(), _> = with_room(async |_| Err("no agreement")).await;
            say!("{result:?}");
        };
        let seen = virtual_time(Transcript::of(failing));
        seen.assert_at(20.ms(), "locks the attic");
        assert_eq!(seen.lines().last().unwrap().text, "Err(\"no agreement\")", "{seen}");
    }
}
