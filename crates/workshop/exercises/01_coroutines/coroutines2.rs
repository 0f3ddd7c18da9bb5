//! coroutines2 · 10 minutes · overlap the waits of a dashboard
//!
//! A dashboard asks three services: for the position, for the weather at this position, and for the
//! next appointment in the calendar. It waits for one service after the other, which takes 190 ms.
//! Let it return the same text as early as the three services allow.
//!
//! Section: `cargo run -p coroutines -- together`. Code: crates/01-coroutines/src/together.rs.
//! Page: docs/src/01-coroutines.md.

use async_kit::{Lane, Millis, exercise, say};
use tokio::time::sleep;

// TODO: which of these waits needs the result of another one?
async fn dashboard() -> String {
    let city = position().await;
    let weather = weather(city).await;
    let appointment = calendar().await;
    format!("{weather}, {appointment}")
}

// The three services; they do not change.

async fn position() -> &'static str {
    request("position", 40).await;
    "Lisbon"
}

async fn weather(city: &'static str) -> String {
    request("weather", 60).await;
    format!("{city} 19 °C")
}

async fn calendar() -> &'static str {
    request("calendar", 90).await;
    "dentist at 15:00"
}

async fn request(service: &str, millis: u64) {
    let request = async {
        say!("is asked");
        sleep(millis.ms()).step("request").await;
    };
    request.lane(service).await;
}

fn main() {
    exercise::show(dashboard());
}

#[cfg(test)]
mod tests {
    use async_kit::{Millis, exercise};

    use super::dashboard;

    #[test]
    fn no_service_is_asked_later_than_necessary() {
        let run = exercise::observe(dashboard());
        let mut lines = run.lines().iter();
        let weather = lines.find(|line| line.lane.as_deref() == Some("weather"));
        run
            .prints_at(
                0.ms(),
                "calendar is asked",
                "The calendar needs no result of the other services, but its future is not polled at \
                 0 ms. A call does not start a future.",
            )
            .require(
                weather.is_none_or(|line| line.at >= 40.ms()),
                "the weather is asked before the position is known",
                "it is asked for the city that `position` returns",
                "The weather needs the result of the position, which arrives at 40 ms.",
            )
            .prints_at(
                40.ms(),
                "weather is asked",
                "The weather needs the position and nothing else. Ask for it as soon as the position is \
                 known, while the calendar is still being asked.",
            )
            .concurrently("request", 2, "A service is asked twice.")
            .takes(100.ms(), "A service is asked twice, or an await comes too early.")
            .returns("Lisbon 19 °C, dentist at 15:00".to_owned(), "The text has changed.");
    }
}
