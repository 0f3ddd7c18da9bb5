//! The requests overlap, and one pause is still between all of them.
//! message: let the hosts run at the same time.

use std::time::Duration;

use async_kit::{Lane, Millis, exercise, say};
use tokio::{task::JoinSet, time::sleep};

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
    let mut tasks = JoinSet::new();
    for &feed in feeds {
        tasks.spawn(request(feed));
        sleep(PAUSE).await;
    }
    tasks.join_all().await
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
