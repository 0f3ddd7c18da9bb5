//! The timeout is inside the scope, so it cancels the music and not the release.

use async_kit::{Millis, exercise, say, scope};
use tokio::time::{sleep, timeout};

async fn record(band: &str, takes: u64) {
    scope::with(Studio::open(), async |_studio| {
        let play = async {
            say!("the {band} plays");
            sleep(takes.ms()).await;
            say!("the {band} has a record");
        };
        timeout(100.ms(), play).await
    })
    .await
    .unwrap_or_else(|_| say!("the {band} is out of time"));
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
