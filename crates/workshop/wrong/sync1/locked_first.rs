//! The receiver of `insert` is the guard, and it is made before the argument is measured.
//! message: A station holds the lock of the table while it measures

use std::{collections::BTreeMap, sync::Arc};

use async_kit::{Lane, Millis, exercise, say};
use tokio::{sync::Mutex, task::JoinSet, time::sleep};

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
    let table = Arc::new(Mutex::new(BTreeMap::new()));
    let mut stations = JoinSet::new();
    for station in ["north", "south", "east", "west"] {
        let table = Arc::clone(&table);
        stations.spawn(async move {
            table.lock().await.insert(station, measure(station).await);
            say!("{station} has measured");
        });
    }
    while let Some(station) = stations.join_next().await {
        station.expect("no station panics");
    }
    table.lock().await.clone()
}

fn main() {
    exercise::show(run());
}
