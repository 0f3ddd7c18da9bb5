//! context5 · 15 minutes · roll back a trip that is booked half-way
//!
//! A trip has three parts, which are booked one after the other. If one of them fails, the earlier ones
//! stay booked, and the customer pays for a flight without a car. Let `book` cancel them before it
//! returns the error, the latest booking first. It must do the same if its caller cancels it. A trip that
//! is complete keeps its bookings.
//!
//! Section: `cargo run -p context-managers -- rollback`. Code: crates/03-context-managers/src/rollback.rs.
//! Page: docs/src/03-context-managers.md.

use std::sync::{Arc, Mutex};

use anyhow::ensure;
use async_kit::{Lane, Millis, exercise, say};
use tokio::time::sleep;

// TODO: cancel the earlier bookings if the trip is not complete.
async fn book(trip: [&'static str; 3], office: &Office) -> anyhow::Result<Vec<Booking>> {
    let mut bookings = Vec::new();
    for part in trip {
        bookings.push(Booking::new(part, office).await?);
    }
    Ok(bookings)
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

#[cfg(test)]
mod tests {
    use async_kit::{Lane, Millis, exercise};
    use tokio::time::{sleep, timeout};

    use super::{Office, book};

    fn observe(trip: [&'static str; 3]) -> exercise::Observed<(bool, Vec<&'static str>)> {
        exercise::observe(async move {
            let office = Office::default();
            let booked = book(trip, &office).try_lane("trip").await;
            (booked.is_ok(), office.lock().unwrap().clone())
        })
    }

    #[test]
    fn a_complete_trip_keeps_its_bookings() {
        observe(["flight", "hotel", "boat"]).returns(
            (true, vec!["flight", "hotel", "boat"]),
            "The trip is complete: take its bookings out of what is released.",
        );
    }

    #[test]
    fn a_trip_that_fails_cancels_its_bookings_latest_first() {
        let run = observe(["flight", "hotel", "car"]);
        run.returns(
            (false, vec![]),
            "The earlier bookings are still valid when the error is returned: `?` leaves the function \
             immediately.",
        );
        let texts = run.lines().iter().map(|line| line.text.as_str());
        let cancelled: Vec<_> =
            texts.filter(|text| text.ends_with("is cancelled")).collect();
        run.require(
            cancelled == ["the hotel is cancelled", "the flight is cancelled"],
            cancelled.join(", then "),
            "the hotel is cancelled, then the flight is cancelled",
            "Cancel the latest booking first.",
        )
        .takes(80.ms(), "Cancel one booking after the other.");
    }

    #[test]
    fn a_cancelled_trip_cancels_its_bookings() {
        exercise::cancelled_everywhere(
            async || Office::default(),
            async |office| book(["flight", "hotel", "boat"], office).await,
            async |office| match &office.lock().unwrap()[..] {
                [] | [_, _, _] => Ok(()),
                booked => Err(format!("still booked: {booked:?}")),
            },
            "A cancellation is no error: the function is dropped at its await, and no `match` runs.",
        );
    }

    #[test]
    fn a_trip_that_is_cancelled_half_way_is_not_completed() {
        let run = exercise::observe(async {
            let office = Office::default();
            let trip = book(["flight", "hotel", "boat"], &office).try_lane("trip");
            let _ = timeout(50.ms(), trip).await;
            sleep(100.ms()).await;
            office.lock().unwrap().clone()
        });
        run.returns(
            vec![],
            "The caller cancels `book` at 50 ms, so no booking may be left. A task that books must learn of \
             the cancellation.",
        );
    }

    #[test]
    fn a_rollback_that_is_cancelled_runs_to_its_end() {
        exercise::cancelled_everywhere(
            async || Office::default(),
            async |office| book(["flight", "hotel", "car"], office).await,
            async |office| match &office.lock().unwrap()[..] {
                [] => Ok(()),
                booked => Err(format!("still booked: {booked:?}")),
            },
            "The rollback waits too, so it can be cancelled half-way.",
        );
    }
}
