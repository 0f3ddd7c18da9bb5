//! The time limit of a station begins with its permit, so the whole call takes longer.
//! message: The deadline is one point in time for all stations

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use async_kit::{
    Lane, Millis,
    exercise::{self, Tally},
};
use futures::future::join_all;
use tokio::{
    sync::{self, Semaphore},
    time::{Instant, Interval, MissedTickBehavior, interval, sleep, timeout},
};

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
    let gate = Gate::new(&limits);
    join_all(
        stations
            .iter()
            .map(async |station| fetch(&service, station, &gate, &limits).await),
    )
    .await
}

/// All requests to one station.
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

/// Decides when the next request begins.
struct Gate {
    permits: Semaphore,
    limit: Duration,
    turns: sync::Mutex<Interval>,
}

impl Gate {
    fn new(limits: &Limits) -> Self {
        let mut turns = interval(1.secs() / limits.per_second);
        // After a pause the turns have the same distance again.
        turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self {
            limit: limits.deadline,
            permits: Semaphore::new(limits.in_flight),
            turns: sync::Mutex::new(turns),
        }
    }

    async fn request(
        &self,
        service: &Service,
        station: &'static str,
    ) -> Result<usize, Error> {
        // The permit comes first: a turn that is taken must be used immediately.
        let _permit = self.permits.acquire().await.expect("it is never closed");
        self.turns.lock().await.tick().await;
        timeout(self.limit, service.get(station)).await.unwrap_or(Err(Error::Late))
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
