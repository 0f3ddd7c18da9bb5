// ANCHOR: program
//! After Ctrl-C, each accepted order is completed. A second Ctrl-C ends the process.

use std::{io, pin::pin, process::exit, time::Duration};

use tokio::{join, select, signal::ctrl_c, sync::mpsc, time::sleep};
use tokio_util::sync::CancellationToken;

#[tokio::main]
async fn main() -> io::Result<()> {
    let stop = CancellationToken::new();
    let mut bakery = pin!(bakery(&stop));
    select! {
        biased; // the program listens for Ctrl-C before it accepts an order
        pressed = ctrl_c() => pressed?,
        () = &mut bakery => return Ok(()),
    }
    stop.cancel();
    select! {
        biased;
        _ = ctrl_c() => exit(130), // as a shell expects it after Ctrl-C
        () = &mut bakery => Ok(()),
    }
}

/// Accepts orders until `stop` is cancelled, and completes all that it has accepted.
async fn bakery(stop: &CancellationToken) {
    let (orders, mut accepted) = mpsc::channel(2);
    let counter = async move {
        stop.run_until_cancelled(accept(orders)).await;
        println!("no more orders are accepted");
    };
    let oven = async {
        while let Some(number) = accepted.recv().await {
            sleep(Duration::from_millis(300)).await;
            println!("order {number} is done");
        }
    };
    join!(counter, oven);
    println!("all accepted orders are done");
}

/// Drops `orders` at its end, or when it is cancelled: this closes the queue.
async fn accept(orders: mpsc::Sender<u32>) {
    for number in 1.. {
        if orders.send(number).await.is_err() {
            return;
        }
    }
}
// ANCHOR_END: program

// ANCHOR: test
#[cfg(test)]
mod tests {
    use tokio::time::Instant;

    use super::*;

    /// At 400 ms, order 2 is in the oven, and the orders 3 and 4 are in the queue.
    #[tokio::test(start_paused = true)]
    async fn each_accepted_order_is_completed_after_the_stop() {
        let start = Instant::now();
        let stop = CancellationToken::new();
        let cancel = async {
            sleep(Duration::from_millis(400)).await;
            stop.cancel();
        };
        join!(bakery(&stop), cancel);
        assert_eq!(start.elapsed(), Duration::from_millis(4 * 300));
    }
}
// ANCHOR_END: test
