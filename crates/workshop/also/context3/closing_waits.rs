//! The task that closes is spawned before the photo, and waits for the dome.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::SeqCst},
};

use async_kit::{Lane, Millis, exercise, say};
use tokio::time::{sleep, timeout};

async fn photograph(observatory: &Observatory) {
    let (send, back) = tokio::sync::oneshot::channel();
    let closing = tokio::spawn(async move {
        let dome: Dome = back.await.expect("the dome is always returned");
        dome.close().await;
    });
    let mut open = Open(Some((Dome::open(observatory), send)));
    if let Some((dome, _)) = &mut open.0 {
        dome.expose().await;
    }
    drop(open);
    closing.await.expect("the motor does not panic");
}

struct Open(Option<(Dome, tokio::sync::oneshot::Sender<Dome>)>);

impl Drop for Open {
    fn drop(&mut self) {
        if let Some((dome, send)) = self.0.take() {
            let _ = send.send(dome);
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
