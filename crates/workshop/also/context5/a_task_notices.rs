//! A task owns the bookings, and notices that the caller has dropped its end of a channel.

use std::sync::{Arc, Mutex};

use anyhow::ensure;
use async_kit::{Lane, Millis, exercise, say};
use tokio::time::sleep;

async fn book(trip: [&'static str; 3], office: &Office) -> anyhow::Result<Vec<Booking>> {
    let office = office.clone();
    let (_caller, gone) = tokio::sync::oneshot::channel::<()>();
    let booking = async move {
        let mut bookings = Vec::new();
        let all = async {
            for part in trip {
                bookings.push(Booking::new(part, &office).await?);
            }
            anyhow::Ok(())
        };
        let result = tokio::select! {
            biased;
            _ = gone => Err(anyhow::anyhow!("the caller has left")),
            result = all => result,
        };
        if result.is_err() {
            while let Some(booking) = bookings.pop() {
                booking.cancel().await;
            }
        }
        result.map(|()| bookings)
    };
    tokio::spawn(booking).await?
}

// What follows does not change.

/// Has the bookings that are valid.
type Office = Arc<Mutex<Vec<&'static str>>>;

struct Booking(&'static str, Office);

impl Booking {
    async fn new(part: &'static str, office: &Office) -> anyhow::Result<Self> {
        sleep(20.ms()).step("book").await;
        ensure!(part != "car", "no car is left");
        say!("the {part} is booked");
        office.lock().unwrap().push(part);
        Ok(Self(part, office.clone()))
    }

    /// Dropping a booking does not cancel it.
    async fn cancel(self) {
        sleep(10.ms()).step("cancel").await;
        say!("the {} is cancelled", self.0);
        self.1.lock().unwrap().retain(|part| *part != self.0);
    }
}

fn main() {
    exercise::show(async {
        let office = Office::default();
        for trip in [["train", "hut", "guide"], ["flight", "hotel", "car"]] {
            match book(trip, &office).try_lane("trip").await {
                // This customer changes her mind.
                Ok(bookings) if trip[0] == "train" => {
                    for booking in bookings {
                        booking.cancel().await;
                    }
                }
                _ => say!("valid bookings: {:?}", office.lock().unwrap()),
            }
        }
    });
}
