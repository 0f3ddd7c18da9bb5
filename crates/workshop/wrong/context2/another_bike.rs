//! The guard has no bike, and puts back a bike with a fixed number.
//! message: The bike that is put back is not the bike that was taken.

use std::sync::Mutex;

use anyhow::{Context, ensure};
use async_kit::{Lane, Millis, exercise, say};
use tokio::time::sleep;

async fn trip(station: &Station, weather: &str) -> anyhow::Result<()> {
    let bike = station.take().context("no bike is free")?;
    let _rental = Rental { station };
    ride(bike, weather).await
}

struct Rental<'a> {
    station: &'a Station,
}

impl Drop for Rental<'_> {
    fn drop(&mut self) {
        self.station.put_back(7);
    }
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
