//! A panic skips the rest of a function: only `Drop` and the release of a scope still run.
//!
//! asyncio: every failure is an exception, and `__aexit__` runs for all of them. Rust: an error is a
//! value, which a function can keep while it releases. A panic is not a value. It unwinds the task
//! and drops its variables, and the handle of the task returns it as a `JoinError`.

#![cfg(not(target_family = "wasm"))]

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use anyhow::ensure;
use async_kit::{
    Lane, Millis, say,
    scope::{self, Release},
};
use tokio::time::sleep;

/// Two cooks panic while their stoves are on, and only one of the stoves is turned off.
pub(crate) async fn run() -> anyhow::Result<()> {
    two_cooks(Kitchen::default()).await
}

// ANCHOR: panics
async fn two_cooks(kitchen: Kitchen) -> anyhow::Result<()> {
    say!("two cooks will panic; the panic messages go to stderr");
    let plain = tokio::spawn(release_after(kitchen.stove()).lane("plain cook"));
    let scoped = tokio::spawn(release_with(kitchen.stove()).lane("scoped cook"));
    for (name, cook) in [("plain cook", plain), ("scoped cook", scoped)] {
        ensure!(cook.await.is_err_and(|error| error.is_panic()), "{name} did not panic");
        say!("{name} has panicked, stoves still hot: {}", kitchen.hot());
    }
    Ok(())
}

async fn release_after(stove: Stove) {
    stove.cook().await;
    stove.release().await;
}

async fn release_with(stove: Stove) {
    scope::with(stove, async |stove| stove.cook().await).await;
}

impl Stove {
    async fn cook(&self) {
        sleep(50.ms()).step("cooking").await;
        panic!("the pan is on fire");
    }
}

impl Release for Stove {
    async fn release(self) {
        let turn_off = async {
            sleep(30.ms()).step("turning off").await;
            self.kitchen.0.fetch_sub(1, Ordering::Relaxed);
            say!("has turned off the stove");
        };
        turn_off.lane("release").await;
    }
}
// ANCHOR_END: panics

/// Counts the stoves that are on.
#[derive(Clone, Default)]
struct Kitchen(Arc<AtomicUsize>);

impl Kitchen {
    fn stove(&self) -> Stove {
        self.0.fetch_add(1, Ordering::Relaxed);
        Stove { kitchen: self.clone() }
    }

    fn hot(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

struct Stove {
    kitchen: Kitchen,
}

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    /// ```text
    ///              0         50    80
    /// plain cook   ██████████✗
    /// scoped cook  ██████████░░░░░░✗     the panic continues when the stove is off
    /// release                ██████✓
    /// ```
    #[test]
    fn a_scope_turns_off_the_stove_before_the_panic_continues() {
        let kitchen = Kitchen::default();
        let seen = virtual_time(Transcript::of(two_cooks(kitchen.clone())));
        seen.assert_at(50.ms(), "plain cook has panicked, stoves still hot: 2");
        seen.assert_at(80.ms(), "release has turned off the stove");
        seen.assert_at(80.ms(), "scoped cook has panicked, stoves still hot: 1");
        assert_eq!(kitchen.hot(), 1, "{seen}");
    }
}
