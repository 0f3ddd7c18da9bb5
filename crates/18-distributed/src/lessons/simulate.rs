//! If messages have ids and effects have keys, a network that loses and repeats packets doubles no effect.
//!
//! asyncio and Tokio see the network only through timeouts: a lost request and a lost answer look the same.
//! So a publisher publishes again, with the same ids, and the broker stores each payment once. The broker
//! delivers again, and the ledger books each payment once. The network and the time are simulated, so a
//! thousand workers fit into a tenth of a second.

use std::{
    collections::HashMap,
    future::pending,
    ops::Range,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_kit::{Lane, Millis, ask, knob, say};
use bytes::Bytes;
use distributed::{
    Broker, BrokerError, Embedded, Message, Queue, Settings,
    network::{Cut, Fate, Link, Network, Packets},
};
use tokio::{
    task::{JoinHandle, JoinSet},
    time::{Instant, sleep, sleep_until},
};
use tokio_util::sync::CancellationToken;

const PUBLISHERS: usize = 10;

/// What happens in the run.
struct Plan {
    workers: usize,
    /// How many of 100 packets never arrive.
    lost: u32,
    /// How many of 100 packets are requests that arrive twice.
    twice: u32,
    /// For how long a tenth of the workers is cut off.
    cut: Duration,
    /// Whether the ledger knows a payment that it has booked.
    keyed: bool,
}

/// A payment for each worker. A tenth of the workers is cut off for a time, and another tenth dies.
pub(crate) async fn run() -> anyhow::Result<()> {
    let plan = Plan {
        workers: knob("workers", 1_000, 10..=1_000),
        lost: knob("lost", 10, 0..=30),
        twice: knob("twice", 5, 0..=30),
        cut: knob("cut", 300.ms(), 0.ms()..=600.ms()),
        keyed: knob("keyed", 1_u32, 0..=1) == 1,
    };
    ask("keyed=0", "how many payments are booked more than once?");
    pay_all(&plan).await?;
    Ok(())
}

// ANCHOR: simulate
async fn publish(queue: Arc<dyn Queue>, payments: Range<usize>) {
    let payment = |n| Message::new(format!("payment {n}")).id(format!("payment-{n}"));
    let mut left: Vec<_> = payments.map(payment).collect();
    while !left.is_empty() {
        // After an error it is unknown whether a payment is stored. With its id it can be published again.
        let mut receipts = queue.publish(left.clone()).await.into_iter();
        left.retain(|_| receipts.next().is_none_or(|receipt| receipt.is_err()));
    }
}

async fn work(queue: Arc<dyn Queue>, ledger: Arc<Ledger>) {
    loop {
        // Without an answer in time, the worker asks again.
        let Ok(delivery) = queue.receive_one().await else { continue };
        sleep(20.ms()).await;
        ledger.book(&delivery.message);
        // If the acknowledgement is lost, the payment is delivered again.
        let _ = delivery.ack().await;
    }
}

impl Ledger {
    fn book(&self, payment: &Message) {
        let mut entries = self.entries();
        let entry = entries.entry(payment.body.clone()).or_default();
        entry.deliveries += 1;
        if entry.booked == 0 || !self.keyed {
            entry.booked += 1;
        }
    }
}
// ANCHOR_END: simulate

#[derive(Default)]
struct Ledger {
    keyed: bool,
    entries: Mutex<HashMap<Bytes, Entry>>,
}

#[derive(Default)]
struct Entry {
    deliveries: usize,
    booked: usize,
}

impl Ledger {
    fn entries(&self) -> MutexGuard<'_, HashMap<Bytes, Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn count(&self, is_counted: impl Fn(&Entry) -> bool) -> usize {
        self.entries().values().filter(|entry| is_counted(entry)).count()
    }
}

// ANCHOR: wire
/// The connection of one client. Its faults follow a rule and not chance, so that the asyncio program
/// has the same ones.
struct Wire {
    lost: Share,
    twice: Share,
}

impl Link for Wire {
    fn fate(&mut self) -> Fate {
        match (self.lost.is_next(), self.twice.is_next()) {
            (true, _) => Fate::Lost,
            (false, true) => Fate::Twice(4.ms(), 6.ms()),
            (false, false) => Fate::Arrives(4.ms()),
        }
    }
}

/// Selects `percent` of each 100 packets, at equal distances.
struct Share {
    percent: u32,
    sum: u32,
}

impl Share {
    fn is_next(&mut self) -> bool {
        self.sum += self.percent;
        let is_next = self.sum >= 100;
        self.sum %= 100;
        is_next
    }
}
// ANCHOR_END: wire

impl Wire {
    /// Clients have their faults at different times.
    fn new(client: usize, plan: &Plan) -> Self {
        let share = |percent, start: usize| Share { percent, sum: (start % 100) as u32 };
        let lost = share(plan.lost, 37 * client);
        Self { lost, twice: share(plan.twice, 61 * client + 50) }
    }
}

/// What is left when all payments are acknowledged.
#[derive(Debug, PartialEq, Eq)]
struct Outcome {
    /// Payments that were never booked.
    missing: usize,
    /// Payments that were booked more than once.
    doubled: usize,
    /// Payments that workers have done more than once.
    redelivered: usize,
    packets: Packets,
}

async fn pay_all(plan: &Plan) -> Result<Outcome, BrokerError> {
    let start = Instant::now();
    let simulation = Simulation::new(plan);
    // Packets arrive at odd milliseconds, and the counts are of even ones.
    sleep(1.ms()).await;
    let publishers = simulation.start_publishers().await?;
    let tenth = plan.workers / 10;
    let (cut_off, killed) = (plan.workers - 2 * tenth, plan.workers - tenth);
    // While most workers are at their first payment.
    let cut = start + 20.ms()..start + 20.ms() + plan.cut;
    let never = start..start;
    simulation.start_workers("workers", 0..cut_off, never.clone()).await?;
    simulation.start_workers("cut off", cut_off..killed, cut).await?;
    let killed = simulation.start_workers("killed", killed..plan.workers, never).await?;
    tokio::spawn(async move {
        sleep(23.ms()).await;
        killed.abort();
    });
    sleep(99.ms()).await;
    simulation.report_until_done(publishers).await
}

struct Simulation<'a> {
    plan: &'a Plan,
    broker: Arc<Embedded>,
    network: Network,
    ledger: Arc<Ledger>,
    done: CancellationToken,
}

impl<'a> Simulation<'a> {
    fn new(plan: &'a Plan) -> Self {
        let broker = Embedded::in_memory();
        Self {
            plan,
            network: Network::new(broker.clone()),
            broker,
            ledger: Arc::new(Ledger { keyed: plan.keyed, ..Ledger::default() }),
            done: CancellationToken::new(),
        }
    }

    /// The queue as a new client of the network sees it.
    async fn queue(
        &self,
        client: usize,
        cut: Range<Instant>,
    ) -> Result<Arc<dyn Queue>, BrokerError> {
        let link = Cut::new(Wire::new(client, self.plan), cut);
        self.network.client(link).queue("payments", settings()).await
    }

    async fn start_publishers(&self) -> Result<JoinHandle<Vec<()>>, BrokerError> {
        let first_of = |n| self.plan.workers * n / PUBLISHERS;
        let now = Instant::now();
        let mut publishers = JoinSet::new();
        for n in 0..PUBLISHERS {
            let queue = self.queue(n, now..now).await?;
            publishers.spawn(publish(queue, first_of(n)..first_of(n + 1)));
        }
        Ok(tokio::spawn(publishers.join_all().lane("publishers")))
    }

    async fn start_workers(
        &self,
        group: &str,
        numbers: Range<usize>,
        cut: Range<Instant>,
    ) -> Result<JoinHandle<()>, BrokerError> {
        let mut workers = JoinSet::new();
        for n in numbers {
            let queue = self.queue(PUBLISHERS + n, cut.clone()).await?;
            workers.spawn(work(queue, Arc::clone(&self.ledger)));
        }
        Ok(tokio::spawn(run_group(workers, cut, self.done.clone()).lane(group)))
    }

    async fn report_until_done(
        &self,
        publishers: JoinHandle<Vec<()>>,
    ) -> Result<Outcome, BrokerError> {
        let queue = self.broker.queue("payments", settings()).await?;
        let payments = self.plan.workers;
        loop {
            let booked = self.ledger.count(|_| true);
            let Packets { lost, twice, .. } = self.network.packets();
            say!("{booked} of {payments} booked, {lost} packets lost, {twice} repeated");
            let status = queue.status().await?;
            if publishers.is_finished() && status.waiting + status.in_flight == 0 {
                break;
            }
            sleep(100.ms()).await;
        }
        self.done.cancel();
        let outcome = Outcome {
            missing: payments - self.ledger.count(|_| true),
            doubled: self.ledger.count(|entry| entry.booked > 1),
            redelivered: self.ledger.count(|entry| entry.deliveries > 1),
            packets: self.network.packets(),
        };
        let Outcome { missing, doubled, redelivered, .. } = outcome;
        say!("{redelivered} payments were done more than once");
        say!("{missing} payments are missing, {doubled} are booked more than once");
        Ok(outcome)
    }
}

/// Workers in one row of the timeline, until all is done.
async fn run_group(workers: JoinSet<()>, cut: Range<Instant>, done: CancellationToken) {
    let working = async {
        if !cut.is_empty() {
            sleep_until(cut.start).step("connected").await;
            sleep_until(cut.end).await;
        }
        pending::<()>().step("connected").await;
    };
    done.run_until_cancelled(working).await;
    drop(workers);
}

fn settings() -> Settings {
    Settings {
        ack_wait: 202.ms(),
        // Neither limit is the subject here.
        max_deliver: 1_000,
        max_ack_pending: 10_000,
        ..Settings::default()
    }
}

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    const PLAN: Plan = Plan {
        workers: 1_000,
        lost: 10,
        twice: 5,
        cut: Duration::from_millis(300),
        keyed: true,
    };

    fn outcome(plan: Plan) -> Outcome {
        virtual_time(async move { pay_all(&plan).await.expect("the broker is here") })
    }

    /// ```text
    ///             0.0s     0.2s     0.4s     0.6s
    /// publishers  ░░░░░✓
    /// workers     ███████████████████████████████✓
    /// cut off     █░░░░░░░░░░░░░█████████████████✓
    /// killed      █⊘
    /// ```
    #[test]
    fn a_bad_network_loses_no_payment_and_doubles_none() {
        virtual_time(async {
            let seen = Transcript::of(run()).await;
            seen.assert_at(100.ms(), "720 of 1000 booked, 530 packets lost, 89 repeated");
            seen.assert_at(700.ms(), "215 payments were done more than once");
            seen.assert_at(
                700.ms(),
                "0 payments are missing, 0 are booked more than once",
            );
        });
    }

    #[test]
    fn a_ledger_without_keys_doubles_each_payment_that_is_done_again() {
        let outcome = outcome(Plan { keyed: false, ..PLAN });
        assert!(outcome.redelivered > 100, "{outcome:?}");
        assert_eq!(outcome.doubled, outcome.redelivered);
        assert_eq!(outcome.missing, 0);
    }

    /// The workers that are cut off have booked a payment, and cannot acknowledge it. Those that die have
    /// not booked theirs.
    #[test]
    fn without_keys_a_partition_alone_doubles_a_payment_of_each_worker_that_is_cut_off() {
        let outcome = outcome(Plan { keyed: false, lost: 0, twice: 0, ..PLAN });
        assert_eq!((outcome.missing, outcome.doubled), (0, 100), "{outcome:?}");
    }

    #[test]
    fn on_a_good_network_nothing_is_done_again() {
        let plan = Plan { lost: 0, twice: 0, cut: Duration::ZERO, ..PLAN };
        let Outcome { missing, doubled, redelivered, packets } = outcome(plan);
        assert_eq!([missing, doubled, redelivered], [0, 0, 0]);
        assert_eq!([packets.lost, packets.twice], [0, 0]);
    }

    #[test]
    fn no_setting_loses_or_doubles_a_payment() {
        for (workers, lost, twice, cut) in
            [(10, 30, 30, 600), (50, 0, 30, 0), (100, 30, 0, 600), (999, 1, 1, 1)]
        {
            let outcome = outcome(Plan { workers, lost, twice, cut: cut.ms(), ..PLAN });
            assert_eq!((outcome.missing, outcome.doubled), (0, 0), "{outcome:?}");
        }
    }
}
