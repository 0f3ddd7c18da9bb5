//! `drop` only makes the future of the landing.
//! message: A `drop` cannot await the landing either.

use anyhow::ensure;
use async_kit::{Lane, Millis, exercise, say};
use tokio::time::sleep;

async fn inspect(roofs: [&str; 3]) -> anyhow::Result<usize> {
    let mut drone = Drone::take_off().await;
    let mut drone = Lands(Some(drone));
    for roof in roofs {
        drone.0.as_mut().expect("it is in the air").photograph(roof).await?;
    }
    Ok(roofs.len())
}

struct Lands(Option<Drone>);

impl Drop for Lands {
    fn drop(&mut self) {
        let _landing = self.0.take().map(Drone::land);
    }
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
