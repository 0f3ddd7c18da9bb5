//! A `JoinSet` behind a mutex, and a oneshot channel for the end of each order.

use std::sync::{
    Arc, Mutex,
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
    sync::oneshot,
    task::JoinSet,
    time::{sleep, timeout},
};
use tower::ServiceExt;

#[derive(Clone, Default)]
struct Shop {
    /// The number of orders that are charged and not shipped.
    unshipped: Arc<AtomicUsize>,
    /// For tasks that must be finished.
    orders: Arc<Mutex<JoinSet<()>>>,
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

async fn order(State(shop): State<Shop>, Path(order): Path<String>) -> String {
    let answer = format!("{order} is shipped");
    let (done, finished) = oneshot::channel();
    let fulfilled = Arc::clone(&shop.orders);
    fulfilled.lock().unwrap().spawn(async move {
        shop.fulfil(order).await;
        let _ = done.send(());
    });
    finished.await.expect("an order does not panic");
    answer
}

/// When this returns, the process of the server ends.
async fn shutdown(shop: &Shop) {
    say!("the shop closes, and works on {} orders", shop.orders.lock().unwrap().len());
    let mut orders = std::mem::take(&mut *shop.orders.lock().unwrap());
    while orders.join_next().await.is_some() {}
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
