//! A `RwLock`, and handles of plain tasks.

use std::{
    collections::BTreeMap,
    sync::{Arc, RwLock},
};

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
    let table = Arc::new(RwLock::new(BTreeMap::new()));
    let mut stations = JoinSet::new();
    for station in ["north", "south", "east", "west"] {
        let table = Arc::clone(&table);
        stations.spawn(async move {
            let value = measure(station).await;
            table.write().unwrap().insert(station, value);
            say!("{station} has measured");
        });
    }
    while let Some(station) = stations.join_next().await {
        station.expect("no station panics");
    }
    table.read().unwrap().clone()
}

fn main() {
    exercise::show(run());
}
