//! Each feed waits for the one before, which at its end sends when it began.

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
    let mut last = std::collections::HashMap::new();
    let mut requests = Vec::new();
    for &feed in feeds {
        let (done, mine) = tokio::sync::oneshot::channel::<Instant>();
        let before = last.insert(feed.0, mine);
        requests.push(async move {
            if let Some(before) = before {
                let begun = before.await.expect("it always sends");
                sleep_until(begun + PAUSE).await;
            }
            let begun = Instant::now();
            let text = request(feed).await;
            let _ = done.send(begun);
            text
        });
    }
    futures::future::join_all(requests).await
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
