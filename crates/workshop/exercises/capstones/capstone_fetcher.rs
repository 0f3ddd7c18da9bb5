//! capstone_fetcher · 45 minutes · fetch from many stations at a rate, with retries and a deadline
//!
//! An app shows the air quality of a city: one request to each station. The service allows few requests at
//! the same time and few per second, and it is sometimes busy. Write `fetch_all`:
//!
//! 1. The results are in the order of the stations, whichever station answers first.
//! 2. At most `in_flight` requests run at the same time. While stations are left, no slot is empty for long.
//! 3. `Busy` is transient: the station is requested again, at most `attempts` times in all, and then its
//!    result is `Busy`. `Unknown` is permanent.
//! 4. Before its second request a station waits for `backoff`, and before each further one twice as long
//!    as before. Meanwhile other stations use its slot.
//! 5. In no period of one second do more than `per_second` requests begin, first attempts and retries
//!    together. This holds after a pause too.
//! 6. `deadline` after its call, `fetch_all` returns what it has. A station without a result is `Late`.
//! 7. When `fetch_all` has returned, or its caller has dropped it, no request runs and none begins.
//!
//! The tests have the numbers of the points: the lowest one that fails is the next step.
//!
//! Section: `cargo run -p retry -- limits`. Code: crates/09-retry/src/limits.rs.
//! Page: docs/src/09-retry.md.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use async_kit::{
    Lane, Millis,
    exercise::{self, Tally},
};
use tokio::time::{Instant, sleep};

/// How the app may use the service.
#[derive(Clone, Copy)]
struct Limits {
    in_flight: usize,
    per_second: u32,
    attempts: u32,
    backoff: Duration,
    deadline: Duration,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Error {
    Busy,
    Unknown,
    Late,
}

/// A station: its name, how many milliseconds a request takes, and what its first requests return.
type Station = (&'static str, u64, &'static [Error]);

/// The service. Do not change it.
struct Service {
    stations: Vec<Station>,
    begun: Mutex<Vec<(Instant, &'static str)>>,
    running: Tally,
}

impl Service {
    fn new(stations: &[Station]) -> Arc<Self> {
        let (begun, running) = (Mutex::default(), Tally::default());
        Arc::new(Self { stations: stations.to_vec(), begun, running })
    }

    /// One request. The air quality of the first station is 1, of the second 2, and so on.
    async fn get(&self, name: &'static str) -> Result<usize, Error> {
        let earlier = self.begun(name).len();
        self.begun.lock().unwrap().push((Instant::now(), name));
        let position = self.stations.iter().position(|it| it.0 == name).unwrap();
        let (_, millis, errors) = self.stations[position];
        let request = async move {
            let _running = self.running.track();
            sleep(millis.ms()).await;
            errors.get(earlier).map_or(Ok(position + 1), |error| Err(*error))
        };
        request.step("request").try_lane(name).await
    }

    /// When the requests to this station began.
    fn begun(&self, name: &str) -> Vec<Instant> {
        let begun = self.begun.lock().unwrap();
        begun.iter().filter(|it| it.1 == name).map(|it| it.0).collect()
    }
}

// TODO: write it, one point after the other.
// - Several futures on one task, or several tasks? Which of them end when the caller drops `fetch_all`?
// - Write one function for all requests to one station. What must it hold during a request, and not
//   between two?
// - Which request begins next, and when, is a decision that all stations share.
async fn fetch_all(
    service: Arc<Service>,
    stations: &[&'static str],
    limits: Limits,
) -> Vec<Result<usize, Error>> {
    let mut results = Vec::new();
    for station in stations {
        results.push(service.get(station).await);
    }
    results
}

async fn run() -> Vec<Result<usize, Error>> {
    let service = Service::new(&[
        ("harbour", 150, &[]),
        ("airport", 100, &[Error::Busy]),
        ("centre", 50, &[]),
        ("moon", 30, &[Error::Unknown]),
        ("park", 5000, &[]),
        ("bridge", 120, &[Error::Busy, Error::Busy]),
    ]);
    let limits = Limits {
        in_flight: 2,
        per_second: 10,
        attempts: 3,
        backoff: 100.ms(),
        deadline: 1500.ms(),
    };
    let names = ["harbour", "airport", "centre", "moon", "park", "bridge"];
    fetch_all(service, &names, limits).await
}

fn main() {
    exercise::show(run());
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, time::Duration};

    use async_kit::{
        Millis,
        exercise::{self, Observed},
    };
    use tokio::time::{sleep, timeout};

    use super::{Error, Limits, Service, Station, fetch_all};

    /// Limits that limit nothing. Each test changes the ones that it is about.
    const FREE: Limits = Limits {
        in_flight: 100,
        per_second: 1000,
        attempts: 4,
        backoff: Duration::from_millis(100),
        deadline: Duration::from_secs(60),
    };

    fn names(stations: &[Station]) -> Vec<&'static str> {
        stations.iter().map(|station| station.0).collect()
    }

    fn fetch(
        limits: Limits,
        stations: &[Station],
    ) -> (Observed<Vec<Result<usize, Error>>>, Arc<Service>) {
        let service = Service::new(stations);
        let (names, shared) = (names(stations), service.clone());
        let run =
            exercise::observe(async move { fetch_all(shared, &names, limits).await });
        (run, service)
    }

    /// More requests than this in one second are too many: the number that began, and when.
    #[track_caller]
    fn keep_the_rate(
        run: &Observed<Vec<Result<usize, Error>>>,
        service: &Service,
        mistake: &str,
    ) {
        let begun: Vec<_> = service.begun.lock().unwrap().iter().map(|it| it.0).collect();
        for &from in &begun {
            let second = begun.iter().filter(|at| **at >= from && **at < from + 1.secs());
            let (count, first) = (second.count(), (from - begun[0]).as_millis());
            let happened = format!(
                "{count} requests began in the second from {first} ms after the first request"
            );
            run.require(count <= 5, happened, "at most 5", mistake);
        }
    }

    #[test]
    fn point_1_the_results_are_in_the_order_of_the_stations() {
        let (run, _) =
            fetch(FREE, &[("harbour", 90, &[]), ("airport", 60, &[]), ("park", 30, &[])]);
        run.returns(
            vec![Ok(1), Ok(2), Ok(3)],
            "The results are in the order in which the requests end: keep the position of each station.",
        );
    }

    #[test]
    fn point_2_no_more_requests_than_allowed_and_no_empty_slot() {
        let stations = [
            ("harbour", 300, &[][..]),
            ("airport", 100, &[]),
            ("centre", 100, &[]),
            ("park", 100, &[]),
            ("bridge", 100, &[]),
            ("school", 100, &[]),
            ("tower", 100, &[]),
        ];
        let (run, _) = fetch(Limits { in_flight: 3, ..FREE }, &stations);
        run.never_more_than(
            "request",
            3,
            "Each request needs one of `in_flight` permits.",
        );
        run.concurrently("request", 3, "The requests run one after the other.");
        run.takes_at_most(
            320.ms(),
            "A slot is empty although stations are left: the next request begins when any request ends.",
        );
    }

    #[test]
    fn point_3_only_busy_is_requested_again_and_not_without_end() {
        let busy = &[Error::Busy; 9][..];
        let stations = [
            ("harbour", 20, &[Error::Busy][..]),
            ("moon", 20, &[Error::Unknown; 9]),
            ("centre", 20, busy),
        ];
        let (run, service) = fetch(Limits { attempts: 3, ..FREE }, &stations);
        let requested = |name, times, mistake| {
            let seen = service.begun(name).len();
            let happened = format!(
                "{seen} requests to {name}, which is {}",
                match name {
                    "harbour" => "busy once",
                    "centre" => "always busy",
                    _ => "unknown",
                }
            );
            run.require(seen == times, happened, times.to_string(), mistake);
        };
        requested(
            "harbour",
            2,
            "`Busy` is transient: request the station again until it answers.",
        );
        requested("moon", 1, "`Unknown` is permanent: the same request fails again.");
        requested(
            "centre",
            3,
            "`attempts` counts all requests to a station, also the first.",
        );
        run.returns(
            vec![Ok(1), Err(Error::Unknown), Err(Error::Busy)],
            "The result is what the last request to the station returned.",
        );
        run.takes_at_most(
            380.ms(),
            "After the last request to a station there is nothing to wait for.",
        );
    }

    #[test]
    fn point_4_the_backoff_doubles() {
        let (run, service) = fetch(FREE, &[("harbour", 50, &[Error::Busy; 3])]);
        let begun = service.begun("harbour");
        let waits: Vec<_> = begun
            .windows(2)
            .map(|two| (two[1] - two[0]).as_millis().saturating_sub(50))
            .collect();
        let near = |(wait, wanted): (&u128, u128)| (wanted..wanted + 10).contains(wait);
        run.require(
            waits.len() == 3 && waits.iter().zip([100, 200, 400]).all(near),
            format!("it waited {waits:?} ms before its 2nd, 3rd and 4th request"),
            "[100, 200, 400]",
            "Double the backoff after each wait, beginning with `backoff`.",
        );
    }

    #[test]
    fn point_4_others_use_the_slot_of_a_station_that_waits() {
        let stations = [
            ("harbour", 100, &[Error::Busy][..]),
            ("airport", 100, &[]),
            ("park", 100, &[]),
        ];
        let limits = Limits { in_flight: 1, backoff: 500.ms(), ..FREE };
        let (run, _) = fetch(limits, &stations);
        run.takes_at_most(
            720.ms(),
            "A station holds its permit during its backoff: a permit belongs to one request.",
        );
    }

    #[test]
    fn point_5a_retries_count_for_the_rate() {
        let mut stations =
            vec![("school", 20, &[Error::Busy][..]), ("tower", 20, &[Error::Busy])];
        stations.extend(
            ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"]
                .map(|it| (it, 20, &[][..])),
        );
        let (run, service) = fetch(Limits { per_second: 5, ..FREE }, &stations);
        keep_the_rate(
            &run,
            &service,
            "Each request takes a turn first, a retry too. No turn is earlier than the rate allows: five \
             now and one every 200 ms from now on are too many.",
        );
        run.takes_at_most(
            3.secs(),
            "The rate allows 14 requests in less than 3 s: nothing else should make them wait.",
        );
    }

    #[test]
    fn point_5b_a_pause_saves_no_turns() {
        let mut stations = vec![("harbour", 2150, &[][..]), ("airport", 2150, &[])];
        stations
            .extend(["a", "b", "c", "d", "e", "f", "g", "h"].map(|it| (it, 10, &[][..])));
        let limits = Limits { in_flight: 2, per_second: 5, ..FREE };
        let (run, service) = fetch(limits, &stations);
        keep_the_rate(
            &run,
            &service,
            "Turns that no request took during the pause are used after it. Take the permit first and \
             then the turn. An `interval` makes up for missed ticks, unless its `MissedTickBehavior` \
             is `Delay`. And a count that begins again with each full second allows twice as many \
             around that moment.",
        );
    }

    #[test]
    fn point_6_at_the_deadline_it_returns_what_it_has() {
        let stations =
            [("harbour", 600, &[][..]), ("airport", 600, &[]), ("park", 600, &[])];
        let limits = Limits { in_flight: 1, deadline: 1.secs(), ..FREE };
        let (run, _) = fetch(limits, &stations);
        run.takes_at_most(
            1.secs(),
            "The deadline is one point in time for all stations, and it includes each wait.",
        );
        run.returns(
            vec![Ok(1), Err(Error::Late), Err(Error::Late)],
            "A result that was there before the deadline is kept; every other station is `Late`.",
        );
    }

    #[test]
    fn point_7_nothing_runs_after_the_end_or_a_cancel() {
        let stations = [
            ("harbour", 600, &[][..]),
            ("airport", 400, &[Error::Busy]),
            ("park", 600, &[]),
        ];
        for (why, deadline, cancel) in
            [("the deadline", 500, 9000), ("it was dropped", 9000, 500)]
        {
            let service = Service::new(&stations);
            let shared = service.clone();
            let limits = Limits { in_flight: 2, deadline: deadline.ms(), ..FREE };
            let run = exercise::observe(async move {
                let _ = timeout(
                    cancel.ms(),
                    fetch_all(shared.clone(), &names(&stations), limits),
                )
                .await;
                // A task that was aborted ends when the runtime has polled it.
                sleep(1.ms()).await;
                let (running, begun) =
                    (shared.running.alive(), shared.begun.lock().unwrap().len());
                sleep(9.secs()).await;
                (running, shared.begun.lock().unwrap().len() - begun)
            });
            let (running, begun) = *run.output();
            run.require(
                (running, begun) == (0, 0),
                format!("after {why}, {running} requests still ran and {begun} more began"),
                "0 and 0",
                "Tasks of `spawn` outlive the future that spawned them. Tasks of a `JoinSet` do not.",
            );
        }
    }
}
