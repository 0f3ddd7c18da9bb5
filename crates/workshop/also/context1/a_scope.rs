//! A scope of the kit, which lands after a cancellation too.

use anyhow::ensure;
use async_kit::{
    Lane, Millis, exercise, say,
    scope::{self, Release},
};
use tokio::time::sleep;

async fn inspect(roofs: [&str; 3]) -> anyhow::Result<usize> {
    scope::with(Drone::take_off().await, async |drone| {
        for roof in roofs {
            drone.photograph(roof).await?;
        }
        Ok(roofs.len())
    })
    .await
}

// What follows does not change.

struct Drone;

impl Release for Drone {
    async fn release(self) {
        self.land().await;
    }
}

impl Drone {
    async fn take_off() -> Self {
        sleep(10.ms()).await;
        say!("the drone has taken off");
        Self
    }

    async fn photograph(&mut self, roof: &str) -> anyhow::Result<()> {
        sleep(20.ms()).await;
        ensure!(roof != "the bakery", "{roof} is hidden by smoke");
        say!("photo of {roof}");
        Ok(())
    }

    async fn land(self) {
        sleep(30.ms()).await;
        say!("the drone has landed");
    }
}

fn main() {
    let roofs = ["the school", "the bakery", "the church"];
    exercise::show(inspect(roofs).try_lane("flight"));
}
