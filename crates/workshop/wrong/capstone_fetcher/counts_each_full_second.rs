//! The requests of each full second are counted, and the count begins anew at the next.
//! message: a count that begins again with each full second allows twice as many around that moment.

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

async fn fetch_all(
    service: Arc<Service>,
    stations: &[&'static str],
    limits: Limits,
) -> Vec<Result<usize, Error>> {
    let deadline = Instant::now() + limits.deadline;
    let gate = Gate::new(&limits);
    futures::future::join_all(stations.iter().map(async |station| {
        let fetched =
            tokio::time::timeout_at(deadline, fetch(&service, station, &gate, &limits))
                .await;
        fetched.unwrap_or(Err(Error::Late))
    }))
    .await
}

async fn fetch(
    service: &Service,
    station: &'static str,
    gate: &Gate,
    limits: &Limits,
) -> Result<usize, Error> {
    let mut backoff = limits.backoff;
    for _ in 1..limits.attempts {
        match gate.request(service, station).await {
            Err(Error::Busy) => sleep(backoff).await,
            result => return result,
        }
        backoff *= 2;
    }
    gate.request(service, station).await
}

struct Gate {
    permits: tokio::sync::Semaphore,
    window: tokio::sync::Mutex<(Instant, u32)>,
    per_second: u32,
}

impl Gate {
    fn new(limits: &Limits) -> Self {
        Self {
            permits: tokio::sync::Semaphore::new(limits.in_flight),
            window: tokio::sync::Mutex::new((Instant::now(), 0)),
            per_second: limits.per_second,
        }
    }

    async fn request(
        &self,
        service: &Service,
        station: &'static str,
    ) -> Result<usize, Error> {
        let _permit = self.permits.acquire().await.expect("it is never closed");
        {
            let mut window = self.window.lock().await;
            loop {
                while window.0.elapsed() >= 1.secs() {
                    *window = (window.0 + 1.secs(), 0);
                }
                if window.1 < self.per_second {
                    break;
                }
                tokio::time::sleep_until(window.0 + 1.secs()).await;
            }
            window.1 += 1;
        }
        service.get(station).await
    }
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
