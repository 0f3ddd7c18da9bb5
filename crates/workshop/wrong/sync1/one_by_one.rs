//! Without tasks there is nothing to share, and nothing runs at the same time.
//! message: it is awaited before the next one starts.

use std::collections::BTreeMap;

use async_kit::{Lane, Millis, exercise, say};
use tokio::time::sleep;

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
    let mut table = BTreeMap::new();
    for station in ["north", "south", "east", "west"] {
        table.insert(station, measure(station).await);
        say!("{station} has measured");
    }
    table
}

fn main() {
    exercise::show(run());
}
