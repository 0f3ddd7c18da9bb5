//! Each request begins at a fixed time, also if the host has not answered the last one.
//! message: The pause is not enough: `slow` answers after 170 ms once.

use std::{collections::HashMap, time::Duration};

use async_kit::{Lane, Millis, exercise, say};
use futures::future::join_all;
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
    let (start, mut numbers) = (Instant::now(), HashMap::new());
    let requests = feeds.iter().map(|&feed| {
        let number = numbers.entry(feed.0).or_insert(0);
        let begin = start + PAUSE * *number;
        *number += 1;
        async move {
            sleep_until(begin).await;
            request(feed).await
        }
    });
    join_all(requests).await
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
