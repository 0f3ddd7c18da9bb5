//! The reason names the address too.

use anyhow::ensure;
use async_kit::{Lane, Millis, exercise};
use tokio::time::sleep;

async fn send_all() -> Report {
    let addresses = ["ada@example.com", "bob@example.org", "cem", "dai@example.com"];
    let start = |address| tokio::spawn(send(address).try_lane(address));
    let tasks: Vec<_> = addresses.into_iter().map(start).collect();
    let mut report = Report::default();
    for (task, address) in tasks.into_iter().zip(addresses) {
        match task.await {
            Ok(Ok(())) => report.sent += 1,
            Ok(Err(refusal)) => report.refused.push(format!("{address}: {refusal}")),
            Err(_) => report.crashed += 1,
        }
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
