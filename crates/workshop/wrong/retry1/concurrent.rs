//! All three attempts are made concurrently, as if one of them had to succeed.
//! message: The attempts overlap: make one after the other.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use async_kit::{Lane, Millis, exercise, say};
use futures::future::join_all;
use tokio::time::sleep;

async fn retry(
    attempts: Vec<impl Future<Output = Result<u32, &'static str>>>,
) -> Result<u32, &'static str> {
    let outcomes = join_all(attempts).await;
    sleep(200.ms()).await;
    outcomes.into_iter().find(Result::is_ok).unwrap_or(Err("busy"))
}

async fn run(busy: u32) -> Result<u32, &'static str> {
    BUSY.store(busy, Relaxed);
    retry(vec![print_ticket(), print_ticket(), print_ticket()]).await
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
