//! context2 · 10 minutes · write a guard that returns what it holds
//!
//! A rider takes a bike from a station, and puts it back after the trip. But a trip that ends in the rain
//! returns with an error, and a trip that is cancelled never reaches its last lines: both times the
//! station loses a bike. Write a type that owns the bike during the ride, and returns it on every exit.
//!
//! Section: `cargo run -p context-managers -- by_hand`. Code: crates/03-context-managers/src/by_hand.rs.
//! Page: docs/src/03-context-managers.md.

use std::sync::Mutex;

use anyhow::{Context, ensure};
use async_kit::{Lane, Millis, exercise, say};
use tokio::time::sleep;

// TODO: which function runs on every exit of `trip`?
async fn trip(station: &Station, weather: &str) -> anyhow::Result<()> {
    let bike = station.take().context("no bike is free")?;
    ride(bike, weather).await?;
    station.put_back(bike);
    Ok(())
}

// What follows does not change.

async fn ride(bike: u32, weather: &str) -> anyhow::Result<()> {
    say!("rides bike {bike}");
    sleep(40.ms()).step("ride").await;
    ensure!(weather == "sun", "the trip ends in the {weather}");
    Ok(())
}

struct Station(Mutex<Vec<u32>>);

impl Station {
    fn new() -> Self {
        Self(Mutex::new(vec![7, 8]))
    }

    fn take(&self) -> Option<u32> {
        self.0.lock().unwrap().pop()
    }

    fn put_back(&self, bike: u32) {
        self.0.lock().unwrap().push(bike);
    }

    fn free(&self) -> usize {
        self.0.lock().unwrap().len()
    }
}

fn main() {
    exercise::show(async {
        let station = Station::new();
        for weather in ["sun", "rain", "snow"] {
            if let Err(error) = trip(&station, weather).try_lane(weather).await {
                say!("{error}");
            }
            say!("free bikes: {}", station.free());
        }
    });
}

#[cfg(test)]
mod tests {
    use async_kit::{Lane, Millis, exercise};
    use tokio::time::sleep;

    use super::{Station, trip};

    #[test]
    fn a_bike_is_away_during_the_ride_and_back_after_it() {
        for weather in ["sun", "rain"] {
            let run = exercise::observe(async move {
                let station = Station::new();
                let during = async {
                    sleep(20.ms()).await;
                    station.free()
                };
                let trip = trip(&station, weather).try_lane("trip");
                let (during, ended) = tokio::join!(during, trip);
                let mut bikes = station.0.into_inner().unwrap();
                bikes.sort_unstable();
                (during, bikes, ended.is_ok())
            });
            let (during, bikes, is_ok) = run.output();
            let (during, after) = (*during, bikes.len());
            let ended = if *is_ok { "no error" } else { "an error" };
            run.require(
                during == 1,
                format!("free bikes during the ride: {during}, of 2"),
                "free bikes during the ride: 1, of 2",
                "The bike is back too early. `let _ = …` drops its value at the end of the line; a \
                 variable keeps it until the end of the function.",
            )
            .require(
                after < 3,
                format!("free bikes after the trip: {after}, of 2"),
                "free bikes after the trip: 2, of 2",
                "The bike is put back twice: by the guard, and by hand.",
            )
            .require(
                after == 2,
                format!("free bikes after the trip in the {weather}: {after}, of 2"),
                "free bikes after the trip: 2, of 2",
                "`?` returns before the line that puts the bike back. A `Drop` runs on every exit.",
            )
            .require(
                bikes[..] == [7, 8],
                format!("the bikes of the station: {bikes:?}"),
                "the bikes of the station: [7, 8]",
                "The bike that is put back is not the bike that was taken.",
            )
            .require(
                *is_ok == (weather == "sun"),
                format!("after a ride in the {weather}, `trip` returns {ended}"),
                "an error after a ride in the rain, and no error after one in the sun",
                "The error of the ride is lost. The guard returns the bike; `trip` still returns the error.",
            );
        }
    }

    #[test]
    fn a_cancelled_trip_loses_no_bike() {
        exercise::cancelled_everywhere(
            async || Station::new(),
            async |station| trip(station, "sun").await,
            async |station| match station.free() {
                2 => Ok(()),
                free => Err(format!("free bikes: {free}, of 2")),
            },
            "A cancelled function is dropped at its await. Of the code after it, only `Drop` runs.",
        );
    }
}
