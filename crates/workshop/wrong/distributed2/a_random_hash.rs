//! The hash of `HashMap` differs in each process.
//! message: A partition needs a hash that is the same everywhere.

use std::{
    collections::VecDeque,
    hash::{BuildHasher, RandomState},
    sync::Mutex,
};

use async_kit::{Lane, Millis, exercise, say};
use futures::future::join_all;
use tokio::time::sleep;

fn partition(parcel: &str, partitions: usize) -> usize {
    let hash = RandomState::new().hash_one(parcel);
    hash as usize % partitions
}

async fn work(events: VecDeque<Event>, server: &MailServer) {
    for event in events {
        while server.send(&event).await.is_err() {}
    }
}

/// Given code from here on: do not change it.
struct Busy;

struct Event {
    parcel: String,
    text: &'static str,
}

/// A mail server that is busy at the first attempts to send a mail with this text.
struct MailServer {
    busy_at: &'static str,
    attempts: Mutex<u32>,
}

impl MailServer {
    async fn send(&self, event: &Event) -> Result<(), Busy> {
        let Event { parcel, text } = event;
        sleep(10.ms()).step("send").await;
        if *text == self.busy_at {
            let mut attempts = self.attempts.lock().unwrap();
            *attempts += 1;
            // Only the first two attempts, whichever parcels they are about.
            if *attempts <= 2 {
                say!("the server is busy: {parcel} is not {text}");
                return Err(Busy);
            }
        }
        say!("{parcel} is {text}");
        Ok(())
    }
}

/// What the scanners publish: the events of six parcels.
fn events() -> Vec<Event> {
    let texts = ["packed", "loaded", "delivered"];
    let of_all = |text| (1..=6).map(move |number| (format!("parcel-{number}"), text));
    texts
        .iter()
        .flat_map(|text| of_all(*text))
        .map(|(parcel, text)| Event { parcel, text })
        .collect()
}

async fn run(busy_at: &'static str) {
    let mut partitions = [(); 3].map(|()| VecDeque::new());
    for event in events() {
        partitions[partition(&event.parcel, 3)].push_back(event);
    }
    let server = MailServer { busy_at, attempts: Mutex::default() };
    let workers = (1..)
        .zip(partitions)
        .map(|(number, events)| work(events, &server).lane(format!("worker-{number}")));
    join_all(workers).await;
}

fn main() {
    exercise::show(run("loaded"));
}
