//! The sentinel of asyncio is kept: the last order says that there are no more.
//! message: ends the channel, without it.

use async_kit::{Lane, Millis, exercise, say};
use tokio::{join, sync::mpsc, time::sleep};

async fn waiter(orders: mpsc::Sender<&'static str>) {
    for order in ["soup", "fish", "cake"] {
        sleep(20.ms()).await;
        say!("sends {order}");
        orders.send(order).await.expect("the cook is there");
    }
    say!("goes home");
    orders.send("done").await.expect("the cook is there");
}

async fn cook(mut orders: mpsc::Receiver<&'static str>) {
    loop {
        let order = orders.recv().await.expect("the waiter sends `done`");
        if order == "done" {
            break;
        }
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
