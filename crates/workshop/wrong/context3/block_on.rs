//! `drop` blocks its thread until the dome is closed.
//! message: Cannot start a runtime from within a runtime.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::SeqCst},
};

use async_kit::{Lane, Millis, exercise, say};
use tokio::time::{sleep, timeout};

async fn photograph(observatory: &Observatory) {
    let mut open = Open(Some(Dome::open(observatory)));
    if let Some(dome) = &mut open.0 {
        dome.expose().await;
    }
}

struct Open(Option<Dome>);

impl Drop for Open {
    fn drop(&mut self) {
        if let Some(dome) = self.0.take() {
            tokio::runtime::Handle::current().block_on(dome.close());
        }
    }
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
