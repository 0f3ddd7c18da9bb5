//! The item that the consumer works on is counted as well.
//! message: The queue has no bound, or a bound above two.

use async_kit::{Lane, Millis, exercise, say};
use tokio::{sync::mpsc, time::sleep};

async fn run() {
    let (send, mut receive) = mpsc::channel(3);
    let producer = async move {
        for item in 1..=6 {
            sleep(10.ms()).step("make").await;
            send.send(item).await.expect("the consumer is alive");
            say!("made {item}");
        }
    };
    let consumer = async move {
        while let Some(item) = receive.recv().await {
            sleep(30.ms()).step("consume").await;
            say!("consumed {item}");
        }
    };
    tokio::join!(producer.lane("producer"), consumer.lane("consumer"));
}

fn main() {
    exercise::show(run());
}
