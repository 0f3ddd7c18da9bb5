//! A `JoinSet` returns the same results, in the order in which the tasks end.

use anyhow::ensure;
use async_kit::{Lane, Millis, exercise};
use tokio::{task::JoinSet, time::sleep};

async fn send_all() -> Report {
    let addresses = ["ada@example.com", "bob@example.org", "cem", "dai@example.com"];
    let start = |address| send(address).try_lane(address);
    let mut tasks: JoinSet<_> = addresses.into_iter().map(start).collect();
    let mut report = Report::default();
    while let Some(ended) = tasks.join_next().await {
        match ended {
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
    exercise::show(send_all());
}
