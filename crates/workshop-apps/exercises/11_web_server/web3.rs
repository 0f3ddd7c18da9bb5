//! web3 · 15 minutes · finish the work of a client that disconnects
//!
//! An online shop charges a card and ships the parcel, and then it answers. Clients that lose patience
//! disconnect, and their handler is dropped: their cards are charged, and nothing is shipped. Mend the
//! shop. An order that has begun is finished; its client, if still there, gets the answer after the
//! parcel is shipped. `shutdown` returns when every order is finished, and no later.
//!
//! Section: `cargo run -p web-server -- hang_up`. Code: crates/11-web-server/src/hang_up.rs.
//! Page: docs/src/11-web-server.md.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::SeqCst},
};

use async_kit::{Lane, Millis, exercise, say};
use axum::{
    Router,
    body::Body,
    extract::{Path, Request, State},
    routing::get,
};
use tokio::{
    join,
    time::{sleep, timeout},
};
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

#[derive(Clone, Default)]
struct Shop {
    /// The number of orders that are charged and not shipped.
    unshipped: Arc<AtomicUsize>,
    /// For tasks that must be finished.
    orders: TaskTracker,
}

impl Shop {
    /// Do not change it: from the first charge to the parcel it must not be interrupted.
    async fn fulfil(&self, order: String) {
        say!("charges the card for {order}");
        self.unshipped.fetch_add(1, SeqCst);
        sleep(50.ms()).step("bank").await;
        sleep(30.ms()).step("packing").await;
        say!("ships {order}");
        self.unshipped.fetch_sub(1, SeqCst);
    }
}

// TODO: an order that has begun is finished, whatever its client does.
async fn order(State(shop): State<Shop>, Path(order): Path<String>) -> String {
    let answer = format!("{order} is shipped");
    shop.fulfil(order).await;
    answer
}

/// When this returns, the process of the server ends.
async fn shutdown(shop: &Shop) {
    say!("the shop closes, and works on {} orders", shop.orders.len());
    // TODO: wait for the orders that are not finished.
}

/// A client that disconnects after `patience` ms. Do not change it, nor `run`.
async fn client(shop: &Shop, what: &str, patience: u64) {
    let server =
        Router::new().route("/order/{order}", get(order)).with_state(shop.clone());
    let request = Request::get(format!("/order/{what}")).body(Body::empty()).unwrap();
    match timeout(patience.ms(), server.oneshot(request)).await {
        Ok(_response) => say!("has an answer"),
        Err(_) => say!("disconnects"),
    }
}

async fn run() -> Shop {
    let shop = Shop::default();
    join!(
        client(&shop, "lamp", 100).lane("ann"),
        client(&shop, "sofa", 30).lane("bob"),
        async {
            sleep(60.ms()).await;
            client(&shop, "vase", 50).lane("cid").await;
        },
    );
    shutdown(&shop).await;
    shop
}

fn main() {
    exercise::show(async { drop(run().await) });
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering::SeqCst;

    use async_kit::{Millis, exercise};
    use tokio::time::sleep;

    use super::{Shop, client, run};

    #[test]
    fn check_1_the_end_of_the_server_waits_for_the_orders_of_clients_that_are_gone() {
        let run = exercise::observe_or(
            run(),
            "`wait` of a `TaskTracker` returns only after `close`.",
        );
        run.prints_at(
            80.ms(),
            "ann has an answer",
            "Ann's answer comes when her lamp is shipped.",
        );
        let sofa = run.lines().iter().any(|line| line.text == "ships sofa");
        let mistake = "Bob's handler is dropped while it waits for the bank, and the order with it.";
        run.require(
            sofa,
            "the sofa is not shipped",
            "it is shipped: Bob's card is charged",
            mistake,
        );
        let unshipped = run.output().unshipped.load(SeqCst);
        let happened = format!("charged and not shipped: {unshipped}");
        let mistake = "The server ends while a task still works on an order.";
        run.require(unshipped == 0, happened, "each order is shipped", mistake);
        run.takes(140.ms(), "`shutdown` waits for the orders, and no longer.");
    }

    #[test]
    fn check_2_an_order_is_finished_wherever_its_client_disconnects() {
        exercise::cancelled_everywhere(
            async || Shop::default(),
            async |shop| {
                sleep(10.ms()).await;
                client(shop, "lamp", 1000).await;
            },
            async |shop| match shop.unshipped.load(SeqCst) {
                0 => Ok(()),
                left => Err(format!("charged and not shipped: {left}")),
            },
            "The order is a part of the handler's future, and is dropped with it.",
        );
    }
}
