//! The producer sleeps longer, and the queue still has no bound.
//! message: It makes an item every 10 ms, and only a full queue makes it wait.

use async_kit::{Lane, Millis, exercise, say};
use tokio::{sync::mpsc, time::sleep};

async fn run() {
    let (send, mut receive) = mpsc::channel(100);
    let producer = async move {
        for item in 1..=6 {
            sleep(30.ms()).step("make").await;
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
