//! The tasks return their values, and only `run` changes the table: nothing is shared.

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
    let mut stations = JoinSet::new();
    for station in ["north", "south", "east", "west"] {
        stations.spawn(async move {
            let value = measure(station).await;
            say!("{station} has measured");
            (station, value)
        });
    }
    stations.join_all().await.into_iter().collect()
}

fn main() {
    exercise::show(run());
}
