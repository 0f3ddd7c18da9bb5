//! sync1 · 10 minutes · let several tasks write one table
//!
//! Four stations measure the temperature at the same time, and each writes its value into one
//! table. The program does not compile: an `Arc` lets several tasks own the table, but none of
//! them may change it. Make it compile. The stations must still measure at the same time, and
//! `run` returns all four values.
//!
//! Section: `cargo run -p sync-primitives -- two_mutexes`. Code: crates/06-sync-primitives/src/two_mutexes.rs.
//! Page: docs/src/06-sync-primitives.md.

use std::{collections::BTreeMap, sync::Arc};

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

// TODO: let the tasks change the table, and let the stations measure at the same time.
async fn run() -> BTreeMap<&'static str, i32> {
    let table = Arc::new(BTreeMap::new());
    let mut stations = JoinSet::new();
    for station in ["north", "south", "east", "west"] {
        let table = Arc::clone(&table);
        stations.spawn(async move {
            table.insert(station, measure(station).await);
            say!("{station} has measured");
        });
    }
    while let Some(station) = stations.join_next().await {
        station.expect("no station panics");
    }
    BTreeMap::clone(&table)
}

fn main() {
    exercise::show(run());
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use async_kit::{Millis, exercise};

    use super::run;

    #[test]
    fn four_stations_measure_at_the_same_time_and_write_one_table() {
        let run = exercise::observe(run());
        run.concurrently(
            "measure",
            4,
            "A station holds the lock of the table while it measures, or it is awaited \
             before the next one starts. Measure first, and lock the table only for the \
             insertion.",
        );
        run.takes_at_most(40.ms(), "The stations wait for each other, or `run` waits for a time and not for its tasks.");
        run.returns(
            BTreeMap::from([("east", 6), ("north", 4), ("south", 9), ("west", 6)]),
            "Wait for all tasks before you read the table, and read the one that they \
             change.",
        );
    }
}
