//! A process has no effect later than half of `ack_wait` after its last confirmation, unless it is stopped
//! between the check and the effect.

use std::{
    convert::Infallible,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::{Instant, sleep};

use crate::Delivery;

/// How long a delivery certainly belongs to this process.
#[derive(Debug)]
pub(super) struct Lease {
    confirmed: Mutex<Instant>,
    ack_wait: Duration,
}

impl Lease {
    /// The lease of a message that was delivered just now.
    pub(super) fn begin(ack_wait: Duration) -> Self {
        Self { confirmed: Mutex::new(Instant::now()), ack_wait }
    }

    /// Whether it is certain that no other process has received the message. The other half of `ack_wait` is
    /// for the time that the message and the confirmation needed.
    pub(super) fn is_certain(&self) -> bool {
        self.lock().elapsed() < self.ack_wait / 2
    }

    /// Reports the work as in progress, four times in each `ack_wait`. While the broker is away, the lease
    /// becomes uncertain.
    pub(super) async fn keep(&self, delivery: &Delivery) -> Infallible {
        loop {
            sleep(self.ack_wait / 4).await;
            let asked = Instant::now();
            if delivery.in_progress().await.is_ok() {
                *self.lock() = asked;
            }
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Instant> {
        self.confirmed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
