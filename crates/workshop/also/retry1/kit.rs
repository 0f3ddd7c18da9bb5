//! The kit's `Retry`, which takes a closure for the same reason.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use async_kit::{Backoff, Lane, Millis, Retry, RetryError, exercise, say};
use tokio::time::sleep;

async fn run(busy: u32) -> Result<u32, &'static str> {
    BUSY.store(busy, Relaxed);
    let retry = Retry::new(Backoff::fixed(100.ms())).attempts(3);
    let ticket = retry.run(print_ticket).await;
    ticket.map_err(|error| RetryError::into_last(error).unwrap_or("no time left"))
}

/// How often the printer is still busy.
static BUSY: AtomicU32 = AtomicU32::new(0);

/// Do not change it.
async fn print_ticket() -> Result<u32, &'static str> {
    sleep(20.ms()).step("printing").lane("printer").await;
    match BUSY.load(Relaxed) {
        0 => {
            say!("the ticket is printed");
            Ok(42)
        }
        left => {
            BUSY.store(left - 1, Relaxed);
            say!("the printer is busy");
            Err("busy")
        }
    }
}

fn main() {
    exercise::show(run(2));
}
