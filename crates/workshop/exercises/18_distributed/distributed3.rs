//! distributed3 · 15 minutes · keep the delivery of a long job alive, as long as its worker lives
//!
//! A laboratory analyses samples, and each analysis takes 100 s. A delivery expires after 30 s, and then
//! the broker delivers the sample to another worker. A heartbeat, `in_progress`, restarts the 30 s.
//! Write `with_heartbeats`, which awaits the work and sends heartbeats:
//!
//! 1. While the work runs, its delivery does not expire. The network may lose a heartbeat, and neither side
//!    notices that, but it never loses two consecutive ones. Send at most ten in 30 s.
//! 2. The work does not wait for a heartbeat, which takes 2 s.
//! 3. When the work has ended, no heartbeat follows. If `with_heartbeats` is dropped, none follows either,
//!    so that another worker gets the sample.
//! 4. If `in_progress` returns `Expired`, another worker has the sample: drop the work, and return `None`.
//!
//! Section: `cargo run -p distributed -- redelivery`. Code: crates/18-distributed/src/lessons/redelivery.rs.
//! Page: docs/src/18-distributed.md.

use std::sync::{Arc, Mutex};

use async_kit::{Lane, Millis, exercise, say};
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
    // TODO: one heartbeat is not enough.
    delivery.in_progress().await.ok()?;
    Some(work.await)
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

#[cfg(test)]
mod tests {
    use async_kit::{Millis, exercise};
    use tokio::time::Duration;

    use super::{IsLost, run};

    type Run = exercise::Observed<()>;

    /// When a worker prints this line.
    fn times(run: &Run, worker: &str, text: &str) -> Vec<Duration> {
        let lines = run.lines().iter().filter(|line| line.text == text);
        let of = lines
            .filter(|line| line.lane.as_deref().unwrap_or_default().starts_with(worker));
        of.map(|line| line.at).collect()
    }

    const NONE: IsLost = |_, _, _| false;
    const ODD: IsLost = |_, heartbeat, _| heartbeat % 2 == 1;
    const EVEN: IsLost = |_, heartbeat, _| heartbeat % 2 == 0;
    const NEVER: Duration = Duration::from_secs(1_000);

    #[track_caller]
    fn begins_once(is_lost: IsLost, likely: &str) {
        let run = exercise::observe(run(is_lost, NEVER));
        let begins = times(&run, "worker-", "begins").len();
        run.require(
            begins == 1,
            format!("the workers began the sample {begins} times, and none had died"),
            "once",
            likely,
        );
    }

    #[test]
    fn point_1a_a_delivery_does_not_expire_while_its_work_runs() {
        begins_once(
            NONE,
            "A heartbeat counts for 30 s from its arrival. One must arrive in each 30 s, until the \
             work ends.",
        );
    }

    #[test]
    fn point_1b_a_lost_heartbeat_does_no_harm() {
        for is_lost in [ODD, EVEN] {
            begins_once(
                is_lost,
                "Every second heartbeat was lost. The next one must arrive before the 30 s are over.",
            );
        }
    }

    #[test]
    fn point_1c_the_heartbeats_are_no_burden() {
        let run = exercise::observe(run(NONE, NEVER));
        let sent = times(&run, "", "sends a heartbeat");
        let most = sent.iter().map(|first| {
            let window = *first..*first + 30.secs();
            sent.iter().filter(|at| window.contains(at)).count()
        });
        let most = most.max().unwrap_or_default();
        run.require(
            most <= 10,
            format!("{most} heartbeats in 30 s"),
            "at most 10",
            "Each heartbeat of each worker is work for the broker: wait between two of them.",
        );
    }

    #[test]
    fn point_2_the_work_does_not_wait_for_a_heartbeat() {
        let run = exercise::observe(run(NONE, NEVER));
        let result = times(&run, "worker-1", "has the result");
        run.require(
            result == [100.secs()],
            format!("worker-1 has the result at {result:?}"),
            "at [100s]",
            "A loop that awaits a heartbeat, for example in the code after a branch of `select!`, does \
             not poll the work meanwhile. Loop in a future of its own, and poll both.",
        );
    }

    #[test]
    fn point_3a_no_heartbeat_follows_the_end_of_the_work() {
        let run = exercise::observe(run(NONE, NEVER));
        let late = run.lines().iter().filter(|line| line.at > 100.secs()).count();
        run.require(
            late == 0,
            format!("{late} lines after the result"),
            "0",
            "The work has ended, and its heartbeats go on. A task whose handle is dropped is detached.",
        );
    }

    #[test]
    fn point_3b_a_cancelled_worker_sends_no_heartbeat() {
        for cancel in [45.secs(), 51.secs()] {
            let run = exercise::observe(run(NONE, cancel));
            let begins = times(&run, "worker-2", "begins");
            let likely = match begins.first() {
                None => {
                    "The sample has no worker, and its heartbeats go on: nothing ends the task \
                         that sends them. It must end when its owner is dropped."
                }
                Some(_) => "Heartbeats went on after the worker was cancelled.",
            };
            run.require(
                begins.first().is_some_and(|at| *at <= cancel + 31.secs()),
                format!(
                    "worker-1 was cancelled at {cancel:?}, and worker-2 began at {begins:?}"
                ),
                "within 31 s: the last heartbeat arrived before or was sent already",
                likely,
            );
        }
    }

    #[test]
    fn point_4_a_worker_whose_delivery_has_expired_stops() {
        // The connection of worker-1 is broken from 25 s to 80 s. Its analysis would end at 100 s.
        let broken: IsLost =
            |delivery, _, at| delivery == 1 && (25..80).contains(&at.as_secs());
        let run = exercise::observe(run(broken, NEVER));
        let results = times(&run, "worker-", "has the result").len();
        run.require(
            results == 1 && times(&run, "worker-1", "has the result").is_empty(),
            format!("{results} workers have a result of the same sample"),
            "1: before 95 s the broker answers worker-1 that its delivery has expired",
            "The answer to a heartbeat was ignored. `Expired` means that worker-1 works for nothing, or \
             does harm: drop its work.",
        );
        let stops = times(&run, "worker-1", "stops: another worker has the sample");
        run.require(
            stops.first().is_some_and(|at| *at <= 100.secs()),
            format!("worker-1 stops at {stops:?}"),
            "before 100 s",
            "`with_heartbeats` must return `None` as soon as a heartbeat returns `Expired`.",
        );
    }
}
