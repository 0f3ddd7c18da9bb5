//! Each `send` is a task, so the waiter never waits for the queue.
//! message: Await each `send`.

use async_kit::{Lane, Millis, exercise, say};
use tokio::{join, sync::mpsc, time::sleep};

async fn waiter(orders: mpsc::Sender<&'static str>) {
    for order in ["soup", "fish", "cake"] {
        sleep(20.ms()).await;
        say!("sends {order}");
        let orders = orders.clone();
        tokio::spawn(async move { orders.send(order).await.is_ok() });
    }
    say!("goes home");
}

async fn cook(mut orders: mpsc::Receiver<&'static str>) {
    while let Some(order) = orders.recv().await {
        sleep(30.ms()).await;
        say!("has cooked {order}");
    }
    say!("goes home");
}

async fn run() {
    let (send, receive) = mpsc::channel(1);
    join!(waiter(send).lane("waiter"), cook(receive).lane("cook"));
}

fn main() {
    exercise::show(run());
}
