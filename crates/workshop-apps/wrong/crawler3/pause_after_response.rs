//! The pause begins when the response has arrived.
//! message: the pause counts from the beginning of the last one, not from its end.

use std::{collections::HashMap, time::Duration};

use async_kit::{Lane, Millis, exercise, say};
use futures::future::join_all;
use tokio::time::sleep;

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
    let mut hosts: HashMap<&str, Vec<Feed>> = HashMap::new();
    for &feed in feeds {
        hosts.entry(feed.0).or_default().push(feed);
    }
    join_all(hosts.into_values().map(read_host)).await.concat()
}

async fn read_host(feeds: Vec<Feed>) -> Vec<String> {
    let mut texts = Vec::new();
    for feed in feeds {
        texts.push(request(feed).await);
        sleep(PAUSE).await;
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
