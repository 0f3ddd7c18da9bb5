//! A handle returns two results, one inside the other. The outer one is an error if the task panicked or
//! was aborted; the inner one is what the task returned. `Ok(_)` hides the inner one.

use anyhow::ensure;
use async_kit::{Lane, Millis, exercise};
use tokio::time::sleep;

async fn send_all() -> Report {
    let addresses = ["ada@example.com", "bob@example.org", "cem", "dai@example.com"];
    let start = |address| tokio::spawn(send(address).try_lane(address));
    let tasks: Vec<_> = addresses.into_iter().map(start).collect();
    let mut report = Report::default();
    for task in tasks {
        match task.await {
            Ok(Ok(())) => report.sent += 1,
            Ok(Err(refusal)) => report.refused.push(refusal.to_string()),
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
    // One panic is expected, and needs no backtrace.
    std::panic::set_hook(Box::new(|panic| eprintln!("{panic}")));
    exercise::show(send_all());
}
