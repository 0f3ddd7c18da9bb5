//! queues1 · 5 minutes · bound a queue, so that a fast producer waits
//!
//! The producer makes an item every 10 ms, and the consumer needs 30 ms for each. Run the program and
//! look at the timeline: the producer never waits, so the items pile up in memory. Change the queue so
//! that at most two items wait in it.
//!
//! Section: `cargo run -p queues -- bounded`. Code: crates/05-queues/src/bounded.rs.
//! Page: docs/src/05-queues.md.

use async_kit::{Lane, Millis, exercise, say};
use tokio::{sync::mpsc, time::sleep};

// TODO: bound the queue.
async fn run() {
    let (send, mut receive) = mpsc::unbounded_channel();
    let producer = async move {
        for item in 1..=6 {
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

#[cfg(test)]
mod tests {
    use async_kit::{Millis, exercise};

    use super::run;

    #[test]
    fn the_producer_waits_for_the_consumer() {
        let run = exercise::observe(run());
        run.prints_at(
            20.ms(),
            "producer made 2",
            "The producer is late although the queue is not full. It makes an item every 10 ms, \
             and only a full queue makes it wait.",
        );
        for (at, line) in [(70, "producer made 5"), (100, "producer made 6")] {
            let found = run.lines().iter().find(|it| it.to_string().ends_with(line));
            let likely = if found.is_some_and(|it| it.at > at.ms()) {
                "The bound is lower than two."
            } else {
                "The queue has no bound, or a bound above two."
            };
            run.prints_at(at.ms(), line, likely);
        }
        run.takes(
            190.ms(),
            "The consumer waits although the queue has items, or an item is lost.",
        );
    }
}
