//! `select` of the crate `futures` awaits the first of two futures, and each heartbeat has its own sleep.

use std::{
    pin::pin,
    sync::{Arc, Mutex},
};

use async_kit::{Lane, Millis, exercise, say};
use futures::future::{Either, select};
use tokio::{
    join,
    time::{Duration, Instant, sleep, sleep_until, timeout},
};

/// A delivery expires if no heartbeat arrives for this time.
const ACK_WAIT: Duration = Duration::from_secs(30);

async fn with_heartbeats<T>(
    delivery: &Delivery,
    work: impl Future<Output = T>,
) -> Option<T> {
    let heartbeats = async {
        while delivery.in_progress().await.is_ok() {
            sleep(ACK_WAIT / 4).await;
        }
    };
    match select(pin!(work), pin!(heartbeats)).await {
        Either::Left((output, _)) => Some(output),
        Either::Right(_) => None,
    }
}

/// Given code from here on: do not change it. The work: 100 parts of 1 s each.
async fn analyse() {
    for _ in 0..100 {
        sleep(1.secs()).step("analyse").await;
    }
}

/// Whether the network loses this heartbeat: the number of its delivery, its own number within the delivery
/// (both from 1), and the time since the start of the broker.
type IsLost = fn(delivery: u32, heartbeat: u32, at: Duration) -> bool;

/// A broker with one sample.
struct Broker {
    start: Instant,
    is_lost: IsLost,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// How many times the sample was delivered.
    deliveries: u32,
    /// When the last delivery expires. `None` if there was none.
    expires: Option<Instant>,
    is_done: bool,
    /// The heartbeats of the last delivery.
    heartbeats: u32,
}

/// A delivery of the sample. A clone is the same delivery.
#[derive(Clone)]
struct Delivery {
    number: u32,
    broker: Arc<Broker>,
}

/// Another worker has the sample, or it is done.
struct Expired;

impl Broker {
    fn new(is_lost: IsLost) -> Arc<Self> {
        Arc::new(Self { start: Instant::now(), is_lost, state: Mutex::default() })
    }

    /// Waits until no worker has the sample. `None` if it is done.
    async fn next(self: &Arc<Self>) -> Option<Delivery> {
        loop {
            let expires = {
                let mut state = self.state.lock().unwrap();
                if state.is_done {
                    return None;
                }
                let now = Instant::now();
                match state.expires.filter(|expires| *expires > now) {
                    Some(expires) => expires,
                    None => {
                        let number = state.deliveries + 1;
                        let expires = Some(now + ACK_WAIT);
                        *state =
                            State { deliveries: number, expires, ..State::default() };
                        return Some(Delivery { number, broker: self.clone() });
                    }
                }
            };
            sleep_until(expires).await;
        }
    }
}

impl Delivery {
    /// Sends a heartbeat: 1 s to the broker, and 1 s for the answer. A lost one is no error.
    async fn in_progress(&self) -> Result<(), Expired> {
        say!("sends a heartbeat");
        let heartbeat = {
            let mut state = self.broker.state.lock().unwrap();
            state.heartbeats += u32::from(state.deliveries == self.number);
            state.heartbeats
        };
        sleep(1.secs()).await;
        let at = self.broker.start.elapsed();
        let answer = match (self.broker.is_lost)(self.number, heartbeat, at) {
            true => Ok(()),
            false => self.arrives(),
        };
        sleep(1.secs()).await;
        answer
    }

    fn arrives(&self) -> Result<(), Expired> {
        let mut state = self.broker.state.lock().unwrap();
        let is_current = !state.is_done && state.deliveries == self.number;
        state.expires = match state.expires {
            Some(expires) if is_current && Instant::now() < expires => {
                Some(Instant::now() + ACK_WAIT)
            }
            _ => return Err(Expired),
        };
        Ok(())
    }

    /// The work is done.
    fn acknowledge(self) {
        self.broker.state.lock().unwrap().is_done = true;
    }
}

async fn work(broker: Arc<Broker>) {
    while let Some(delivery) = broker.next().await {
        say!("begins");
        match with_heartbeats(&delivery, analyse()).await {
            Some(()) => {
                delivery.acknowledge();
                say!("has the result");
            }
            None => say!("stops: another worker has the sample"),
        }
    }
}

/// Two workers, for 400 s at most. The first one is cancelled after this time.
async fn run(is_lost: IsLost, cancel: Duration) {
    let broker = Broker::new(is_lost);
    let first = timeout(cancel, work(broker.clone()).lane("worker-1"));
    let second = work(broker).lane("worker-2");
    let _ = timeout(400.secs(), async { join!(first, second) }).await;
    // A heartbeat that is still sent is seen.
    sleep(60.secs()).await;
}

fn main() {
    exercise::show(run(|_, heartbeat, _| heartbeat % 2 == 1, 45.secs()));
}
