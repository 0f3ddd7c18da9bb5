//! The guard of a cancellation token tells the task to close the dome.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::SeqCst},
};

use async_kit::{Lane, Millis, exercise, say};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

async fn photograph(observatory: &Observatory) {
    let mut dome = Dome::open(observatory);
    let token = CancellationToken::new();
    let cancelled = token.clone();
    let _cancels = token.drop_guard();
    let photo = tokio::spawn(async move {
        tokio::select! {
            () = dome.expose() => {}
            () = cancelled.cancelled() => {}
        }
        dome.close().await;
    });
    photo.await.expect("the photo does not panic");
}

// What follows does not change.

/// Counts its open domes.
#[derive(Clone, Default)]
struct Observatory(Arc<AtomicUsize>);

struct Dome(Observatory);

impl Dome {
    fn open(observatory: &Observatory) -> Self {
        observatory.0.fetch_add(1, SeqCst);
        Self(observatory.clone())
    }

    async fn expose(&mut self) {
        sleep(100.ms()).step("expose").await;
        say!("the photo is taken");
    }

    /// The motor needs 20 ms; a dome that is dropped meanwhile stays half open.
    async fn close(self) {
        sleep(20.ms()).step("close").await;
        self.0.0.fetch_sub(1, SeqCst);
        say!("the dome is closed");
    }
}

/// Clouds come after 50 ms.
async fn cloudy_night() {
    let observatory = Observatory::default();
    let photo = photograph(&observatory).lane("astronomer");
    let _ = timeout(50.ms(), photo).await;
    sleep(100.ms()).await;
}

fn main() {
    exercise::show(cloudy_night());
}
