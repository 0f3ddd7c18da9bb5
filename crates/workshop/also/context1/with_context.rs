//! The error keeps its cause, below a sentence of the caller.

use anyhow::{Context, ensure};
use async_kit::{Lane, Millis, exercise, say};
use tokio::time::sleep;

async fn inspect(roofs: [&str; 3]) -> anyhow::Result<usize> {
    let mut drone = Drone::take_off().await;
    let photos = async {
        for roof in roofs {
            drone.photograph(roof).await?;
        }
        anyhow::Ok(roofs.len())
    };
    let photos = photos.await;
    drone.land().await;
    photos.context("the flight ended early")
}

// What follows does not change.

struct Drone;

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
