// ANCHOR: program
//! Three bakers share one queue of orders. After Ctrl-C, each accepted order is completed.

use std::{io, sync::Arc, time::Duration};

use tokio::{
    signal::ctrl_c,
    sync::{Mutex, mpsc},
    task::JoinSet,
    time::sleep,
};
use tokio_util::sync::CancellationToken;

#[tokio::main]
async fn main() -> io::Result<()> {
    let stop = CancellationToken::new();
    let bakery = tokio::spawn(bakery(stop.clone()));
    ctrl_c().await?;
    stop.cancel();
    Ok(bakery.await?)
}

/// Accepts orders until `stop` is cancelled, and returns when all of them are done.
async fn bakery(stop: CancellationToken) {
    let (orders, accepted) = mpsc::channel(2);
    let accepted = Arc::new(Mutex::new(accepted));
    let mut bakers = JoinSet::new();
    for name in ["Ann", "Bob", "Cid"] {
        bakers.spawn(bake(name, Arc::clone(&accepted)));
    }
    stop.run_until_cancelled_owned(accept(orders)).await;
    println!("no more orders are accepted");
    while let Some(baker) = bakers.join_next().await {
        println!("{} goes home", baker.expect("a baker does not panic"));
    }
}

/// Drops `orders` when it is cancelled: this closes the queue.
async fn accept(orders: mpsc::Sender<u32>) {
    for number in 1.. {
        sleep(Duration::from_millis(100)).await;
        if orders.send(number).await.is_err() {
            return;
        }
    }
}

/// Returns when the queue is closed and empty.
async fn bake(
    name: &'static str,
    accepted: Arc<Mutex<mpsc::Receiver<u32>>>,
) -> &'static str {
    loop {
        // The lock is released at the end of this line, before the baker works.
        let order = accepted.lock().await.recv().await;
        let Some(number) = order else { return name };
        sleep(Duration::from_millis(300)).await;
        println!("{name}: order {number} is done");
    }
}
// ANCHOR_END: program

// ANCHOR: test
#[cfg(test)]
mod tests {
    use tokio::time::Instant;

    use super::*;

    /// Orders 1 to 4 are accepted at 100, 200, 300 and 400 ms, and a baker is free for each.
    #[tokio::test(start_paused = true)]
    async fn three_orders_are_baked_at_the_same_time_and_all_are_completed() {
        let start = Instant::now();
        let stop = CancellationToken::new();
        let bakery = tokio::spawn(bakery(stop.clone()));
        sleep(Duration::from_millis(450)).await;
        stop.cancel();
        bakery.await.expect("no panic");
        assert_eq!(start.elapsed(), Duration::from_millis(400 + 300));
    }
}
// ANCHOR_END: test
