//! The position is requested twice.
//! message: A service is asked twice.

use async_kit::{Lane, Millis, exercise, say};
use tokio::{join, time::sleep};

async fn dashboard() -> String {
    let weather_here = async {
        let city = position().await;
        weather(city).await
    };
    let (_city, weather, appointment) = join!(position(), weather_here, calendar());
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
