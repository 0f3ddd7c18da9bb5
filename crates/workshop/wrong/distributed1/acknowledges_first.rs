//! The message is acknowledged before it is booked.
//! message: what is not booked by then is lost.

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
    queue.acknowledge(&message).await;
    database
        .transaction(|tables| {
            if tables.booked.insert(number.to_string()) {
                *tables.points.entry(customer).or_default() += points;
                say!("has booked purchase {number}");
            }
        })
        .await;
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
