//! The receiver as a stream.

use async_kit::{Lane, Millis, exercise, say};
use futures::{StreamExt, stream};
use tokio::{join, sync::mpsc, time::sleep};

async fn waiter(orders: mpsc::Sender<&'static str>) {
    for order in ["soup", "fish", "cake"] {
        sleep(20.ms()).await;
        say!("sends {order}");
        orders.send(order).await.expect("the cook is there");
    }
    say!("goes home");
}

async fn cook(mut orders: mpsc::Receiver<&'static str>) {
    let orders = stream::poll_fn(|cx| orders.poll_recv(cx));
    let cooked = orders.for_each(async |order| {
        sleep(30.ms()).await;
        say!("has cooked {order}");
    });
    cooked.await;
    say!("goes home");
}

async fn run() {
    let (send, receive) = mpsc::channel(1);
    join!(waiter(send).lane("waiter"), cook(receive).lane("cook"));
}

fn main() {
    exercise::show(run());
}
