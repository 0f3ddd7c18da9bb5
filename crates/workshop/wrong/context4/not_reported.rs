//! The late band is not reported.
//! message: Report it after the release, as the `except` does.

use async_kit::{Millis, exercise, say, scope};
use tokio::time::{sleep, timeout};

async fn record(band: &str, takes: u64) {
    scope::with(Studio::open(), async |_studio| {
        say!("the {band} plays");
        sleep(takes.ms()).await;
        say!("the {band} has a record");
    })
    .await;
}

async fn run() {
    for (band, takes) in BANDS {
        let _ = scope::settled(timeout(100.ms(), record(band, takes))).await;
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
