//! distributed1 · 10 minutes · count each purchase once, wherever a worker dies
//!
//! Customers of a bakery collect points. The till publishes each purchase as a message, and workers book
//! the points in a database. The database has a table of what is booked, so that nothing is booked twice.
//! Nevertheless some purchases are missing, and others count twice. Mend `book`, so that each purchase
//! counts exactly once:
//!
//! 1. A worker can die at any `await`. Its message is delivered again 10 s after its delivery, unless it
//!    is acknowledged by then.
//! 2. If the till gets no receipt, it publishes the purchase again. Then there are two messages with the
//!    same purchase.
//! 3. A worker can be slow. After 10 s a second worker has the same message.
//!
//! Section: `cargo run -p distributed -- effects`. Code: crates/18-distributed/src/lessons/effects.rs.
//! Page: docs/src/18-distributed.md.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Mutex,
};

use async_kit::{Lane, Millis, exercise, say};
use tokio::{
    join,
    time::{Duration, Instant, sleep, sleep_until},
};

async fn book(queue: &Queue, database: &Database, message: Message) {
    let Purchase { number, customer, points } = message.purchase;
    // TODO: there are three mistakes.
    queue.acknowledge(&message).await;
    let is_new = database
        .transaction(|tables| tables.booked.insert(message.sequence.to_string()))
        .await;
    if is_new {
        database
            .transaction(|tables| *tables.points.entry(customer).or_default() += points)
            .await;
        say!("has booked purchase {number}");
    }
}

/// Given code from here on: do not change it.
#[derive(Clone, Copy)]
struct Purchase {
    /// Its number on the receipt of the till.
    number: u32,
    customer: &'static str,
    points: u32,
}

#[derive(Clone)]
struct Message {
    /// Its number in the queue. A message that is delivered again keeps it.
    sequence: u64,
    purchase: Purchase,
}

/// The queue: each message with the number of its deliveries, and when it is ready for the next one.
struct Queue(Mutex<Vec<(Message, u32, Instant)>>);

impl Queue {
    const ACK_WAIT: Duration = Duration::from_secs(10);
    const MAX_DELIVER: u32 = 5;

    fn new(purchases: &[Purchase]) -> Self {
        let message = |(sequence, &purchase)| (Message { sequence, purchase }, 0);
        let messages = (1..).zip(purchases).map(message);
        let now = Instant::now();
        Self(Mutex::new(messages.map(|(message, count)| (message, count, now)).collect()))
    }

    /// Waits for the next message. `None` if each is acknowledged, or was delivered too often.
    async fn next(&self) -> Option<Message> {
        loop {
            let (message, ready) = {
                let mut messages = self.0.lock().unwrap();
                let left = messages.iter_mut().filter(|it| it.1 < Self::MAX_DELIVER);
                let (message, deliveries, ready) = left.min_by_key(|it| it.2)?;
                let was_ready = *ready;
                if was_ready <= Instant::now() {
                    *ready = Instant::now() + Self::ACK_WAIT;
                    *deliveries += 1;
                }
                (message.clone(), was_ready)
            };
            if ready <= Instant::now() {
                return Some(message);
            }
            sleep_until(ready).await;
        }
    }

    /// The queue forgets the message.
    async fn acknowledge(&self, message: &Message) {
        sleep(10.ms()).await;
        self.0.lock().unwrap().retain(|(it, ..)| it.sequence != message.sequence);
        sleep(10.ms()).await;
    }
}

#[derive(Default)]
struct Tables {
    points: BTreeMap<&'static str, u32>,
    /// The keys of what is booked.
    booked: BTreeSet<String>,
}

#[derive(Default)]
struct Database {
    tables: Mutex<Tables>,
    /// How long the next transactions wait for the database, the last number first. Others wait 20 ms.
    delays: Mutex<Vec<Duration>>,
}

impl Database {
    /// Executes a transaction: all its changes are made, or none.
    async fn transaction<T>(&self, change: impl FnOnce(&mut Tables) -> T) -> T {
        let delay = self.delays.lock().unwrap().pop().unwrap_or(20.ms());
        sleep(delay).step("transaction").await;
        let output = change(&mut self.tables.lock().unwrap());
        sleep(20.ms()).await;
        output
    }
}

async fn work(queue: &Queue, database: &Database) {
    while let Some(message) = queue.next().await {
        book(queue, database, message).await;
    }
}

/// Two workers book these purchases, with a database that has these delays. Returns the points.
async fn run(purchases: &[Purchase], delays: &[Duration]) -> BTreeMap<&'static str, u32> {
    let queue = Queue::new(purchases);
    let database =
        Database { delays: Mutex::new(delays.to_vec()), ..Database::default() };
    join!(
        work(&queue, &database).lane("worker-1"),
        work(&queue, &database).lane("worker-2"),
    );
    database.tables.into_inner().unwrap().points
}

const BREAD: Purchase = Purchase { number: 7001, customer: "ann", points: 5 };
const CAKE: Purchase = Purchase { number: 7002, customer: "ben", points: 20 };
const MORE_BREAD: Purchase = Purchase { number: 7003, customer: "ann", points: 5 };

fn main() {
    exercise::show(run(&[BREAD, CAKE, BREAD, MORE_BREAD], &[]));
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use async_kit::{Millis, exercise};

    use super::{BREAD, CAKE, Database, MORE_BREAD, Queue, book, run, work};

    /// Kills a worker at every await, and lets another one continue. `is_wrong` gets ann's points, which
    /// must be 5, and how many messages the queue still has after the death of the first worker.
    #[track_caller]
    fn killed_everywhere(is_wrong: fn(u32, usize) -> bool, likely: &str) {
        exercise::cancelled_everywhere(
            async || (Queue::new(&[BREAD]), Database::default()),
            async |(queue, database)| {
                if let Some(message) = queue.next().await {
                    book(queue, database, message).await;
                }
            },
            async |(queue, database)| {
                let left = queue.0.lock().unwrap().len();
                work(queue, database).await;
                let tables = database.tables.lock().unwrap();
                let points = tables.points.get("ann").copied().unwrap_or_default();
                match is_wrong(points, left) {
                    false => Ok(()),
                    true => Err(format!(
                        "the message was {}, and ann has {points} points of 5",
                        if left == 0 { "acknowledged" } else { "delivered again" },
                    )),
                }
            },
            likely,
        );
    }

    #[test]
    fn check_1_a_purchase_counts_once_wherever_its_worker_dies() {
        killed_everywhere(
            |points, left| points == 0 && left == 0,
            "The queue forgets a message when it is acknowledged: what is not booked by then is lost.",
        );
        killed_everywhere(
            |points, left| points == 0 && left == 1,
            "The table says that the purchase is booked, and its points are missing: the worker died \
             between two transactions. What must happen together belongs in one.",
        );
        killed_everywhere(
            |points, _| points > 5,
            "The worker died when the points were counted, and no table shows the second worker that they \
             were. Write both in one transaction.",
        );
    }

    #[test]
    fn check_2_a_purchase_that_is_published_twice_counts_once() {
        let run = exercise::observe(run(&[BREAD, CAKE, BREAD], &[]));
        run.returns(
            BTreeMap::from([("ann", 5), ("ben", 20)]),
            "The two messages have different sequence numbers. Which value do they have in common, \
             and no other purchase has?",
        );
        run.takes_at_most(
            15.secs(),
            "The second message comes back every 10 s: it must be acknowledged too, although there \
             is nothing to book.",
        );
    }

    #[test]
    fn check_3_two_purchases_of_one_customer_both_count() {
        let run = exercise::observe(run(&[BREAD, MORE_BREAD], &[]));
        run.returns(
            BTreeMap::from([("ann", 10)]),
            "Ann bought bread twice. The key must differ for two purchases.",
        );
    }

    #[test]
    fn check_4_a_slow_worker_and_its_successor_count_a_purchase_once() {
        for second in [4990, 5010, 5030] {
            let delays = vec![second.ms(), 15.secs()];
            let run = exercise::observe(async move { run(&[BREAD], &delays).await });
            run.returns(
                BTreeMap::from([("ann", 5)]),
                "Both workers looked at the table before either had booked. The look and the change \
                 belong in one transaction.",
            );
        }
    }
}
