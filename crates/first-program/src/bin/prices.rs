// ANCHOR: program
//! Asks three shops for a price at the same time, and waits at most 200 ms for each.

use std::time::Duration;

use tokio::{
    join,
    time::{sleep, timeout},
};

const LIMIT: Duration = Duration::from_millis(200);

#[tokio::main]
async fn main() {
    for (shop, price) in ask_all().await {
        match price {
            Some(price) => println!("{shop}: {price} euros"),
            None => println!("{shop}: no answer within {LIMIT:?}"),
        }
    }
}

/// Takes as long as the slowest shop, and never longer than `LIMIT`.
async fn ask_all() -> [(&'static str, Option<u32>); 3] {
    let (ann, bob, cid) = join!(ask(12, 50), ask(9, 100), ask(7, 900));
    [("Ann", ann), ("Bob", bob), ("Cid", cid)]
}

/// The price, or `None` if the shop does not answer within `LIMIT`.
async fn ask(price: u32, millis: u64) -> Option<u32> {
    timeout(LIMIT, answer(price, millis)).await.ok()
}

/// A real program would send a request here.
async fn answer(price: u32, millis: u64) -> u32 {
    sleep(Duration::from_millis(millis)).await;
    price
}
// ANCHOR_END: program

// ANCHOR: test
#[cfg(test)]
mod tests {
    use tokio::time::Instant;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_slow_shop_is_not_waited_for() {
        let start = Instant::now();
        let prices = ask_all().await.map(|(_, price)| price);
        assert_eq!(prices, [Some(12), Some(9), None]);
        assert_eq!(start.elapsed(), LIMIT);
    }
}
// ANCHOR_END: test
