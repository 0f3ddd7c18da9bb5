//! `try_join_all` ends at the first panic, as `gather` does, and nothing else is reported.
//! message: Await every handle

use anyhow::ensure;
use async_kit::{Lane, Millis, exercise};
use futures::future::try_join_all;
use tokio::time::sleep;

async fn send_all() -> Report {
    let addresses = ["ada@example.com", "bob@example.org", "cem", "dai@example.com"];
    let start = |address| tokio::spawn(send(address).try_lane(address));
    let tasks: Vec<_> = addresses.into_iter().map(start).collect();
    let mut report = Report::default();
    match try_join_all(tasks).await {
        Ok(results) => {
            for result in results {
                match result {
                    Ok(()) => report.sent += 1,
                    Err(refusal) => report.refused.push(refusal.to_string()),
                }
            }
        }
        Err(_) => report.crashed += 1,
    }
    report
}

// What follows does not change.

#[derive(Debug, Default, PartialEq)]
struct Report {
    sent: u32,
    /// The reasons of the servers that refused a letter.
    refused: Vec<String>,
    /// The letters whose task panicked.
    crashed: u32,
}

async fn send(address: &str) -> anyhow::Result<()> {
    sleep(30.ms()).step("send").await;
    let (name, server) = address.split_once('@').expect("an address has an @");
    ensure!(server != "example.org", "{server} refuses letters for {name}");
    Ok(())
}

fn main() {
    exercise::show(send_all());
}
