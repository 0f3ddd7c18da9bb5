//! There are two attempts, and the error of the second is returned.
//! message: `retry` makes three attempts

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use async_kit::{Lane, Millis, exercise, say};
use tokio::time::sleep;

async fn retry(
    attempt: impl AsyncFn() -> Result<u32, &'static str>,
) -> Result<u32, &'static str> {
    for _ in 1..2 {
        if let Ok(ticket) = attempt().await {
            return Ok(ticket);
        }
        sleep(100.ms()).await;
    }
    attempt().await
}

async fn run(busy: u32) -> Result<u32, &'static str> {
    BUSY.store(busy, Relaxed);
    retry(print_ticket).await
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
