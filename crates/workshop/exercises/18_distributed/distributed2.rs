//! distributed2 · 10 minutes · keep the mails of each parcel in order, and the parcels independent
//!
//! Scanners publish what happens to parcels, and for each event a worker sends a mail to the customer. The
//! events are divided into three partitions, each with its own worker. Customers complain: they read that a
//! parcel is delivered, and a minute later that it is packed. Mend `partition` and `work`:
//!
//! - The mails about one parcel are sent in the order of its events.
//! - The mail server may be busy. Then the mail needs another attempt.
//! - Mails about different parcels do not wait for each other, unless they are in the same partition. Each
//!   partition has about the same number of parcels.
//!
//! `partition` runs in several processes: in each scanner, and again in each after a restart.
//!
//! Section: `cargo run -p distributed -- order`. Code: crates/18-distributed/src/lessons/order.rs.
//! Page: docs/src/18-distributed.md.

use std::{
    collections::VecDeque,
    hash::{BuildHasher, RandomState},
    sync::Mutex,
};

use async_kit::{Lane, Millis, exercise, say};
use futures::future::join_all;
use tokio::time::sleep;

// TODO: which parcels are in which partition?
fn partition(parcel: &str, partitions: usize) -> usize {
    let hash = RandomState::new().hash_one(parcel);
    hash as usize % partitions
}

async fn work(mut events: VecDeque<Event>, server: &MailServer) {
    while let Some(event) = events.pop_front() {
        if server.send(&event).await.is_err() {
            // TODO: what is sent next?
            events.push_back(event);
        }
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use async_kit::exercise;

    use super::{events, partition, run};

    /// Each mail is sent once, and the mails of each parcel in their order.
    #[track_caller]
    fn assert_mails(busy_at: &'static str, likely: &str) {
        let run = exercise::observe(run(busy_at));
        let mails = |parcel: &str| {
            let begin = format!("{parcel} is ");
            let texts =
                run.lines().iter().filter_map(|line| line.text.strip_prefix(&begin));
            texts.map(str::to_owned).collect::<Vec<_>>()
        };
        for event in events() {
            let mails = mails(&event.parcel);
            let count = mails.iter().filter(|text| *text == event.text).count();
            run.require(
                count == 1,
                format!("{count} mails say that {} is {}", event.parcel, event.text),
                "1",
                "A busy server has sent nothing: the event needs another attempt, and after a success \
                 it needs none.",
            );
            run.require(
                mails == ["packed", "loaded", "delivered"],
                format!("{} is {}", event.parcel, mails.join(", then ")),
                "packed, then loaded, then delivered",
                likely,
            );
        }
    }

    fn parcels() -> impl Iterator<Item = String> {
        (1..1000).map(|number| format!("parcel-{number}"))
    }

    #[test]
    fn check_1_a_parcel_is_always_in_the_same_partition() {
        let run = exercise::observe(async {
            parcels().find(|parcel| partition(parcel, 3) != partition(parcel, 3))
        });
        let other = run.output().as_deref().unwrap_or_default();
        run.require(
            run.output().is_none(),
            format!("two calls with {other} returned two partitions"),
            "each call returns the same one, in each process",
            "`RandomState` makes new random keys, so that an attacker cannot choose keys that collide. A \
             partition needs a hash that is the same everywhere.",
        );
    }

    #[test]
    fn check_2_each_partition_has_its_share_of_the_parcels() {
        let run = exercise::observe(async {
            let mut counts = [0; 3];
            for parcel in parcels() {
                counts[partition(&parcel, 3)] += 1;
            }
            counts
        });
        run.require(
            run.output().iter().all(|count| (200..=500).contains(count)),
            format!("of 999 parcels, the partitions have {:?}", run.output()),
            "about 333 each, and 200 at least",
            "Most parcels wait for the same worker, and the others are idle. Let each byte of the key \
             change the partition.",
        );
        let run = exercise::observe(async {
            let of = |count| parcels().map(|parcel| partition(&parcel, count)).max();
            (1..=7).filter(|count| of(*count) >= Some(*count)).collect::<Vec<_>>()
        });
        run.returns(Vec::new(), "With n partitions, the last one has the number n - 1.");
    }

    #[test]
    fn check_3_the_mails_of_a_parcel_are_in_order() {
        assert_mails(
            "never",
            "Nothing failed, and the events changed their order: the worker sends one mail after the other.",
        );
    }

    #[test]
    fn check_4_a_busy_server_does_not_change_the_order() {
        let likely = "The event went behind the later events of its parcel. It must be sent before its \
                      worker continues.";
        for busy_at in ["packed", "loaded", "delivered"] {
            assert_mails(busy_at, likely);
        }
    }

    #[test]
    fn check_5_the_partitions_are_independent() {
        let used: BTreeSet<_> =
            events().iter().map(|event| partition(&event.parcel, 3)).collect();
        exercise::observe(run("loaded")).concurrently(
            "send",
            used.len(),
            "Each partition that has parcels sends one mail at a time, and waits for no other partition.",
        );
    }
}
