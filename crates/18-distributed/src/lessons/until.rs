//! A section asks for the numbers of its queue, because no queue reports that all work is done.
#![cfg(not(target_family = "wasm"))]

use async_kit::Millis;
use distributed::{BrokerError, Queue, Status};
use tokio::time::sleep;

/// Waits until the numbers of the queue are as wanted. It asks every 10 ms.
pub(crate) async fn until(
    queue: &dyn Queue,
    wanted: impl Fn(Status) -> bool,
) -> Result<Status, BrokerError> {
    loop {
        let status = queue.status().await?;
        if wanted(status) {
            return Ok(status);
        }
        sleep(10.ms()).await;
    }
}

/// Whether no message waits or is in flight.
pub(crate) fn is_empty(status: Status) -> bool {
    status.waiting + status.in_flight == 0
}
