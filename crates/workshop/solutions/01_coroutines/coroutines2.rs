//! The weather depends on the position, so these two awaits stay one after the other. Together they
//! are one future, and `join!` polls it concurrently with the calendar: 40 + 60 ms beside 90 ms.

use async_kit::{Lane, Millis, exercise, say};
use tokio::{join, time::sleep};

async fn dashboard() -> String {
    let local_weather = async {
        let city = position().await;
        weather(city).await
    };
    let (weather, appointment) = join!(local_weather, calendar());
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
