//! `chunk_by` makes two groups of the feeds of `slow`, because they are not neighbours.
//! message: `chunk_by` groups neighbours only.

use std::time::Duration;

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
    let hosts = feeds.chunk_by(|one, other| one.0 == other.0);
    join_all(hosts.map(read_host)).await.concat()
}

async fn read_host(feeds: &[Feed]) -> Vec<String> {
    let (mut texts, mut next) = (Vec::new(), Instant::now());
    for &feed in feeds {
        sleep_until(next).await;
        next = Instant::now() + PAUSE;
        texts.push(request(feed).await);
    }
    texts
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
