//! queues2 · 10 minutes · port a producer and a consumer with a sentinel from asyncio
//!
//! The program in asyncio (`asyncio/queues2.py`):
//!
//! ```python
//! DONE = object()
//!
//! async def waiter(queue):
//!     for order in ["soup", "fish", "cake"]:
//!         await asyncio.sleep(0.02)
//!         print(f"waiter sends {order}")
//!         await queue.put(order)
//!     print("waiter goes home")
//!     await queue.put(DONE)
//!
//! async def cook(queue):
//!     while (order := await queue.get()) is not DONE:
//!         await asyncio.sleep(0.03)
//!         print(f"cook has cooked {order}")
//!     print("cook goes home")
//!
//! async def main():
//!     queue = asyncio.Queue(1)
//!     tasks = [asyncio.create_task(waiter(queue)), asyncio.create_task(cook(queue))]
//!     await asyncio.gather(*tasks)
//! ```
//!
//! Write it in Rust, in the lanes `waiter` and `cook`. It must print the same lines at the same times.
//! A channel needs no sentinel: find out how the cook learns that there are no more orders.
//!
//! Section: `cargo run -p queues -- closing`. Code: crates/05-queues/src/closing.rs.
//! Page: docs/src/05-queues.md.

use async_kit::{Lane, Millis, exercise, say};
use tokio::{join, sync::mpsc, time::sleep};

async fn waiter(orders: mpsc::Sender<&'static str>) {
    // TODO: send the three orders, 20 ms apart, then go home.
}

async fn cook(mut orders: mpsc::Receiver<&'static str>) {
    // TODO: cook each order in 30 ms; go home after the last one.
}

async fn run() {
    let (send, receive) = mpsc::channel(1);
    join!(waiter(send).lane("waiter"), cook(receive).lane("cook"));
}

fn main() {
    exercise::show(run());
}

#[cfg(test)]
mod tests {
    use async_kit::{Millis, exercise};
    use tokio::{join, sync::mpsc, time::sleep};

    use super::{cook, run, waiter};

    const ALIVE: &str = "A sender is still alive. `recv` returns `None` when the last sender was \
                         dropped, and no item is left.";

    #[test]
    fn check_3_it_prints_what_asyncio_prints() {
        let run = exercise::observe_or(run(), ALIVE);
        run.prints_like_asyncio(
            include_str!("../../transcripts/queues2.txt"),
            "Print the same texts, sleep as often and as long, each time before the text, and let the \
             last `recv` return `None`.",
        );
    }

    #[test]
    fn check_1_the_waiter_waits_for_a_slow_cook_and_sends_only_orders() {
        let orders = async {
            let (send, mut receive) = mpsc::channel(1);
            let slow_cook = async {
                let mut orders = Vec::new();
                while let Some(order) = receive.recv().await {
                    orders.push(order);
                    sleep(100.ms()).await;
                }
                orders
            };
            join!(waiter(send), slow_cook).1
        };
        let run = exercise::observe_or(orders, ALIVE);
        let lost = "`try_send` does not wait: if the queue is full, it returns an error. Await \
                    `send`.";
        let sentinel = "A sentinel is an order that every receiver must know. The end of the last \
                        sender ends the channel, without it.";
        let likely = match run.output().len() {
            0 => "No order was sent.",
            1..3 => lost,
            _ => sentinel,
        };
        run.returns(vec!["soup", "fish", "cake"], likely);
        // The cook receives the fish at 120 ms, and then there is a slot for the cake.
        run.prints_at(
            120.ms(),
            "goes home",
            "The waiter goes home before its last order is in the queue. Await each `send`.",
        );
    }

    #[test]
    fn check_2_the_cook_goes_home_when_the_channel_has_ended() {
        let run = exercise::observe(async {
            let (send, receive) = mpsc::channel(1);
            let short_day = async move { send.send("tea").await.is_ok() };
            join!(cook(receive), short_day);
        });
        run.prints_at(
            30.ms(),
            "goes home",
            "The cook goes home when `recv` returns `None`: it must not know how many orders come, and \
             `try_recv` does not wait for one.",
        );
    }
}
