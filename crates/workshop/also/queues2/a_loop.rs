//! A `loop` with a `match` instead of `while let`, and `drop` for the end of the sender.

use async_kit::{Lane, Millis, exercise, say};
use tokio::{join, sync::mpsc, time::sleep};

async fn waiter(orders: mpsc::Sender<&'static str>) {
    for order in ["soup", "fish", "cake"] {
        sleep(20.ms()).await;
        say!("sends {order}");
        orders.send(order).await.expect("the cook is there");
    }
    drop(orders);
    say!("goes home");
}

async fn cook(mut orders: mpsc::Receiver<&'static str>) {
    loop {
        match orders.recv().await {
            Some(order) => {
                sleep(30.ms()).await;
                say!("has cooked {order}");
            }
            None => break say!("goes home"),
        }
    }
}

async fn run() {
    let (send, receive) = mpsc::channel(1);
    join!(waiter(send).lane("waiter"), cook(receive).lane("cook"));
}

fn main() {
    exercise::show(run());
}
