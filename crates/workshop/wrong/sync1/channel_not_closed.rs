//! The values come through a channel, and `run` keeps a sender.
//! message: DEADLOCK at

use std::collections::BTreeMap;

use async_kit::{Lane, Millis, exercise, say};
use tokio::{task::JoinSet, time::sleep};

/// Measures the temperature, and must not change.
async fn measure(station: &'static str) -> i32 {
    sleep(40.ms()).step("measure").lane(station).await;
    match station {
        "north" => 4,
        "south" => 9,
        _ => 6,
    }
}

async fn run() -> BTreeMap<&'static str, i32> {
    let (send, mut receive) = tokio::sync::mpsc::channel(4);
    let mut stations = JoinSet::new();
    for station in ["north", "south", "east", "west"] {
        let send = send.clone();
        stations.spawn(async move {
            let value = measure(station).await;
            send.send((station, value)).await.expect("`run` receives");
            say!("{station} has measured");
        });
    }
    let mut table = BTreeMap::new();
    while let Some((station, value)) = receive.recv().await {
        table.insert(station, value);
    }
    table
}

fn main() {
    exercise::show(run());
}
