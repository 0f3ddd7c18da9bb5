//! The queue has no bound, and a pause at one item looks like a wait for room.
//! message: The queue has no bound, or a bound above two.

use async_kit::{Lane, Millis, exercise, say};
use tokio::{sync::mpsc, time::sleep};

async fn run() {
    let (send, mut receive) = mpsc::unbounded_channel();
    let producer = async move {
        for item in 1..=6 {
            if item == 4 {
                sleep(20.ms()).await;
            }
            sleep(10.ms()).step("make").await;
            send.send(item).expect("the consumer is alive");
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
