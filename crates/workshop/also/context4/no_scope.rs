//! No kit: the timeout is around the music only, and the studio is cleaned after it.

use async_kit::{Millis, exercise, say, scope};
use tokio::time::{sleep, timeout};

async fn record(band: &str, takes: u64) {
    let studio = Studio::open();
    say!("the {band} plays");
    let played = timeout(100.ms(), sleep(takes.ms())).await;
    if played.is_ok() {
        say!("the {band} has a record");
    }
    studio.clean().await;
    if played.is_err() {
        say!("the {band} is out of time");
    }
}

async fn run() {
    for (band, takes) in BANDS {
        record(band, takes).await;
    }
}
const BANDS: [(&str, u64); 3] = [("trio", 60), ("orchestra", 200), ("choir", 50)];

struct Studio;

impl Studio {
    fn open() -> Self {
        say!("the studio is open");
        Self
    }

    async fn clean(self) {
        sleep(30.ms()).await;
        say!("the studio is clean");
    }
}

impl scope::Release for Studio {
    async fn release(self) {
        self.clean().await;
    }
}

fn main() {
    exercise::show(run());
}
