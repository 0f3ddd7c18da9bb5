//! crawler3 · 15 minutes · be polite to each host, and let no host wait for another
//!
//! A news reader requests the feeds of three hosts. A polite program has at most one request in flight
//! to a host, and lets at least 100 ms pass between the beginnings of two requests to it. `read_all`
//! does that, but for all hosts together, so the feeds of `fast` wait for those of `slow`.
//!
//! Change `read_all`: each host has its own request and its own pause, every request begins as early
//! as that allows, and each feed is requested once. It returns the texts in any order.
//!
//! Section: `cargo run -p crawler -- politeness`. Code: crates/14-crawler/src/lessons/politeness.rs.
//! Page: docs/src/14-crawler.md.

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
    // TODO: let no host wait for another.
    let mut texts = Vec::new();
    for &feed in feeds {
        let next = Instant::now() + PAUSE;
        texts.push(request(feed).await);
        sleep_until(next).await;
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use async_kit::{
        Millis,
        exercise::{self, Observed},
    };

    use super::{FEEDS, PAUSE, run};

    /// When each request to this host began.
    fn begins(run: &Observed<Vec<String>>, host: &str) -> Vec<Duration> {
        let of_host = run.lines().iter().filter(|line| {
            line.lane.as_deref().is_some_and(|lane| lane.starts_with(host))
        });
        of_host.map(|line| line.at).collect()
    }

    #[test]
    fn check_1_the_hosts_run_at_the_same_time() {
        let first = "The first request to a host waits for other hosts: let the hosts run at the \
                     same time.";
        exercise::observe(run())
            .prints_at(0.ms(), "fast/one is requested", first)
            .prints_at(0.ms(), "lone/sun is requested", first);
    }

    #[test]
    fn check_2_a_host_has_one_request_in_flight() {
        let run = exercise::observe(run());
        for host in ["slow", "fast", "lone"] {
            let likely = match begins(&run, host)[..] {
                [first, second, ..] if first == second => {
                    "Requests to one host are in one group, also those that are not neighbours in \
                     the list. `chunk_by` groups neighbours only."
                }
                _ => {
                    "The pause is not enough: `slow` answers after 170 ms once. Wait for the answer \
                     too."
                }
            };
            run.never_more_than(host, 1, likely);
        }
    }

    #[test]
    fn check_3_two_requests_to_a_host_begin_at_least_100_ms_apart() {
        let run = exercise::observe(run());
        for host in ["slow", "fast"] {
            let begins = begins(&run, host);
            run.require(
                begins.windows(2).all(|pair| pair[1] - pair[0] >= PAUSE),
                format!("requests to {host} began at {begins:?}"),
                "at least 100 ms between two of them",
                "The next request to a host must know when the last one began. An `interval` makes up \
                 for a tick that it missed, unless its `MissedTickBehavior` is `Delay`.",
            );
        }
    }

    #[test]
    fn check_4_no_request_begins_later_than_its_own_host_demands() {
        let run = exercise::observe(run());
        let next = "Only requests to the same host delay a request, and the pause counts from the \
                    beginning of the last one, not from its end.";
        run.prints_at(100.ms(), "fast/two is requested", next);
        run.prints_at(170.ms(), "slow/sea is requested", next);
        let late = "`slow/sea` began late, at 170 ms. The next request to `slow` begins a pause after \
                    that: count from each beginning, not on a grid from the start.";
        run.prints_at(270.ms(), "slow/war is requested", late);
        run.prints_at(300.ms(), "fast/ten is requested", next);
        run.takes(
            330.ms(),
            "The run ends with the last response: pause between requests only.",
        );
    }

    #[test]
    fn check_5_each_feed_is_read_once() {
        let mut texts = FEEDS.map(|(host, name)| format!("{name} of {host}")).to_vec();
        texts.sort();
        let likely = "Return the text of every request, and request each feed once.";
        exercise::observe(run()).returns(texts, likely);
    }
}
