//! The interval of a host makes up for the ticks that it missed.
//! message: An `interval` makes up for a tick that it missed

use std::time::Duration;

use async_kit::{Lane, Millis, exercise, say};
use tokio::time::{Instant, sleep, sleep_until};

const PAUSE: Duration = Duration::from_millis(100);

/// A feed has a host and a name. The feeds of a host are requested in the order of the list.
type Feed = (&'static str, &'static str);

const FEEDS: [Feed; 8] = [
    ("slow", "art"),
    ("slow", "sea"),
    ("fast", "one"),
    ("fast", "two"),
    ("slow", "war"),
    ("lone", "sun"),
    ("fast", "six"),
    ("fast", "ten"),
];

async fn read_all(feeds: &[Feed]) -> Vec<String> {
    let mut hosts: std::collections::HashMap<&str, Vec<Feed>> = Default::default();
    for &feed in feeds {
        hosts.entry(feed.0).or_default().push(feed);
    }
    let read_host = async |feeds: Vec<Feed>| {
        let (mut texts, mut ticks) = (Vec::new(), tokio::time::interval(PAUSE));
        for feed in feeds {
            ticks.tick().await;
            texts.push(request(feed).await);
        }
        texts
    };
    futures::future::join_all(hosts.into_values().map(read_host)).await.concat()
}

/// Requests a feed: do not change it.
async fn request((host, name): Feed) -> String {
    let response = async {
        say!("is requested");
        sleep(if name == "art" { 170.ms() } else { 30.ms() }).step(host).await;
        format!("{name} of {host}")
    };
    response.lane(format!("{host}/{name}")).await
}

async fn run() -> Vec<String> {
    let mut texts = read_all(&FEEDS).await;
    texts.sort();
    texts
}

fn main() {
    exercise::show(run());
}
