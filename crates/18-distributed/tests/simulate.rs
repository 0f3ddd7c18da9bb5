//! On any network, with any deaths, each message has exactly one effect; three mistakes are found.
//!
//! Each run is a network with random faults, in virtual time: packets are lost, repeated and delayed,
//! workers and publishers are killed at random times and start again. The same numbers make the same run.

use std::{
    collections::{HashMap, HashSet},
    ops::Range,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_kit::{Millis, virtual_time};
use bytes::Bytes;
use distributed::{
    Broker, Embedded, Message, Queue, Settings,
    network::{Cut, Network, Random},
};
use proptest::prelude::*;
use tokio::{
    task::AbortHandle,
    time::{Instant, sleep, timeout},
};

/// How long a run may take: many times what a single worker on a bad network needs.
const LIMIT: Duration = Duration::from_secs(60 * 60);

/// How many messages a publisher sends in one batch.
const BATCH: usize = 10;

/// A mistake that a program with a queue can make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mistake {
    None,
    AckBeforeEffect,
    MessageWithoutId,
    EffectWithoutKey,
}

#[derive(Clone, Debug)]
struct Plan {
    seed: u64,
    workers: usize,
    messages: usize,
    lost: f64,
    twice: f64,
    /// How many tasks are killed, at random times.
    deaths: usize,
    /// For how long every third worker is cut off.
    cut: Duration,
    /// The longest time of a packet. Two of them may be more than the timeout of 100 ms.
    slowest: Duration,
    max_deliver: u32,
    mistake: Mistake,
}

/// What is wrong at the end, and the numbers of the broker.
#[derive(Debug, Default, PartialEq, Eq)]
struct Found {
    /// Messages without an effect that are no dead letters.
    lost: usize,
    /// Messages with more than one effect.
    doubled: usize,
    /// Messages that were stored twice: two deliveries have the same number.
    stored_twice: usize,
    /// Messages that were delivered more often than the settings allow.
    delivered_too_often: usize,
    /// Messages that are still in the queue.
    left: usize,
    dead: usize,
}

/// What happened to one message.
#[derive(Default)]
struct Story {
    effects: usize,
    /// The numbers of the deliveries that a worker has seen.
    deliveries: Vec<u32>,
}

#[derive(Default)]
struct Stories(Mutex<HashMap<Bytes, Story>>);

impl Stories {
    fn note(&self, message: &Message, change: impl FnOnce(&mut Story)) {
        change(self.0.lock().unwrap().entry(message.body.clone()).or_default());
    }
}

async fn publish(queue: Arc<dyn Queue>, numbers: Range<usize>, mistake: Mistake) {
    let message = |n: usize| match mistake {
        Mistake::MessageWithoutId => Message::new(n.to_string()),
        _ => Message::new(n.to_string()).id(format!("message-{n}")),
    };
    let mut left: Vec<_> = numbers.map(message).collect();
    while !left.is_empty() {
        let mut receipts = queue.publish(left.clone()).await.into_iter();
        left.retain(|_| receipts.next().is_none_or(|receipt| receipt.is_err()));
    }
}

async fn work(queue: Arc<dyn Queue>, stories: Arc<Stories>, mistake: Mistake) {
    loop {
        let Ok(delivery) = queue.receive_one().await else { continue };
        stories.note(&delivery.message, |it| it.deliveries.push(delivery.deliveries));
        if mistake == Mistake::AckBeforeEffect {
            let message = delivery.message.clone();
            let _ = delivery.ack().await;
            have_effect(&message, &stories, mistake).await;
        } else {
            have_effect(&delivery.message, &stories, mistake).await;
            let _ = delivery.ack().await;
        }
    }
}

async fn have_effect(message: &Message, stories: &Stories, mistake: Mistake) {
    sleep(5.ms()).await;
    stories.note(message, |it| {
        if it.effects == 0 || mistake == Mistake::EffectWithoutKey {
            it.effects += 1;
        }
    });
}

/// The processes of a run: first the publishers, and then the workers.
struct Processes<'a> {
    plan: &'a Plan,
    network: Network,
    random: fastrand::Rng,
    start: Instant,
    stories: Arc<Stories>,
    tasks: Vec<AbortHandle>,
}

impl Processes<'_> {
    fn publishers(&self) -> usize {
        self.plan.messages.div_ceil(BATCH)
    }

    /// Starts process `n`, with a connection of its own.
    fn spawn(&mut self, n: usize) -> AbortHandle {
        let &Plan { messages, lost, twice, mistake, cut, slowest, .. } = self.plan;
        let link = Random::new(self.random.u64(..), 1.ms()..=slowest);
        let link = link.losing(lost).repeating(twice);
        let cut = if n.is_multiple_of(3) { cut } else { 0.ms() };
        let link = Cut::new(link, self.start + 50.ms()..self.start + 50.ms() + cut);
        let (client, settings) = (self.network.client(link), settings(self.plan));
        let stories = Arc::clone(&self.stories);
        let publishes = n < self.publishers();
        let task = tokio::spawn(async move {
            let queue = client.queue("work", settings).await.expect("a queue");
            if publishes {
                let batch = n * BATCH..messages.min((n + 1) * BATCH);
                publish(queue, batch, mistake).await;
            } else {
                work(queue, stories, mistake).await;
            }
        });
        task.abort_handle()
    }

    fn is_published(&self) -> bool {
        self.tasks[..self.publishers()].iter().all(AbortHandle::is_finished)
    }

    /// Kills one process, and starts it again.
    fn restart_one(&mut self) {
        let n = self.random.usize(..self.tasks.len());
        self.tasks[n].abort();
        self.tasks[n] = self.spawn(n);
    }
}

fn settings(plan: &Plan) -> Settings {
    Settings {
        ack_wait: 200.ms(),
        max_deliver: plan.max_deliver,
        max_ack_pending: 10_000,
        dedup_window: LIMIT,
        ..Settings::default()
    }
}

/// Runs until the queue is empty, and returns what is wrong then.
async fn simulate(plan: &Plan) -> Found {
    let broker = Embedded::in_memory();
    let queue = broker.queue("work", settings(plan)).await.expect("a queue");
    let mut processes = Processes {
        plan,
        network: Network::new(broker),
        random: fastrand::Rng::with_seed(plan.seed),
        start: Instant::now(),
        stories: Arc::default(),
        tasks: Vec::new(),
    };
    for n in 0..processes.publishers() + plan.workers {
        let task = processes.spawn(n);
        processes.tasks.push(task);
    }
    for _ in 0..plan.deaths {
        sleep(Duration::from_millis(processes.random.u64(1..=40))).await;
        processes.restart_one();
    }
    let is_done = async || {
        let status = queue.status().await.expect("a status");
        processes.is_published() && status.waiting + status.in_flight == 0
    };
    let _ = timeout(LIMIT, async {
        while !is_done().await {
            sleep(100.ms()).await;
        }
    })
    .await;
    processes.tasks.iter().for_each(AbortHandle::abort);
    let status = queue.status().await.expect("a status");
    let dead = queue.dead_letters().await.expect("dead letters");
    let dead: HashSet<_> = dead.into_iter().map(|message| message.body).collect();
    let stories = processes.stories.0.lock().unwrap();
    let of = |n: &usize| stories.get(&Bytes::from(n.to_string()));
    let effects = |n: &usize| of(n).map_or(0, |story| story.effects);
    let is_dead = |n: &usize| dead.contains(n.to_string().as_bytes());
    let count = |is: &dyn Fn(&usize) -> bool| (0..plan.messages).filter(is).count();
    Found {
        lost: count(&|n| effects(n) == 0 && !is_dead(n)),
        doubled: count(&|n| effects(n) > 1),
        stored_twice: count(&|n| of(n).is_some_and(Story::has_equal_deliveries)),
        delivered_too_often: count(&|n| {
            of(n).is_some_and(|it| it.deliveries.iter().any(|&n| n > plan.max_deliver))
        }),
        left: status.waiting + status.in_flight,
        dead: dead.len(),
    }
}

impl Story {
    fn has_equal_deliveries(&self) -> bool {
        let numbers: HashSet<_> = self.deliveries.iter().collect();
        numbers.len() < self.deliveries.len()
    }
}

fn run(plan: &Plan) -> Found {
    let plan = plan.clone();
    virtual_time(async move { simulate(&plan).await })
}

fn plans() -> impl Strategy<Value = Plan> {
    // Few workers are as interesting as many, and faster.
    let workers =
        prop_oneof![8 => 1..20_usize, 2 => 20..200_usize, 1 => 200..=1_000_usize];
    let network = (0.0..0.3, 0.0..0.3, 0..3_000_u64, 1..90_u64);
    (any::<u64>(), workers, 1..200_usize, 0..50_usize, network).prop_map(
        |(seed, workers, messages, deaths, (lost, twice, cut, slowest))| Plan {
            seed,
            workers,
            messages,
            lost,
            twice,
            deaths,
            cut: Duration::from_millis(cut),
            slowest: Duration::from_millis(slowest),
            max_deliver: u32::MAX,
            mistake: Mistake::None,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 25, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn each_message_has_exactly_one_effect(plan in plans()) {
        prop_assert_eq!(run(&plan), Found::default());
    }

    #[test]
    fn a_message_without_an_effect_is_a_dead_letter(plan in plans(), max_deliver in 1..4_u32) {
        let found = run(&Plan { max_deliver, ..plan });
        prop_assert_eq!(&found, &Found { dead: found.dead, ..Found::default() });
    }
}

#[test]
fn the_same_numbers_make_the_same_run() {
    // The count of dead letters depends on the fate of each packet.
    let plan = Plan { max_deliver: 2, ..bad_network(3) };
    assert_eq!(run(&plan), run(&plan));
    assert!(run(&plan).dead > 0);
}

#[test]
fn without_faults_there_is_no_dead_letter() {
    let plan =
        Plan { lost: 0.0, deaths: 0, cut: 0.ms(), max_deliver: 1, ..bad_network(1) };
    assert_eq!(run(&Plan { twice: 0.0, ..plan }), Found::default());
}

fn bad_network(seed: u64) -> Plan {
    Plan {
        seed,
        workers: 20,
        messages: 200,
        lost: 0.1,
        twice: 0.1,
        deaths: 50,
        cut: 500.ms(),
        slowest: 15.ms(),
        max_deliver: u32::MAX,
        mistake: Mistake::None,
    }
}

/// What ten runs with this mistake find, in total.
fn found_with(mistake: Mistake) -> Found {
    (0..10).map(|seed| run(&Plan { mistake, ..bad_network(seed) })).fold(
        Found::default(),
        |sum, one| Found {
            lost: sum.lost + one.lost,
            doubled: sum.doubled + one.doubled,
            stored_twice: sum.stored_twice + one.stored_twice,
            delivered_too_often: sum.delivered_too_often + one.delivered_too_often,
            left: sum.left + one.left,
            dead: sum.dead + one.dead,
        },
    )
}

#[test]
fn an_acknowledgement_before_the_effect_loses_effects() {
    let found = found_with(Mistake::AckBeforeEffect);
    assert!(found.lost > 0, "{found:?}");
    assert_eq!(found, Found { lost: found.lost, ..Found::default() });
}

#[test]
fn messages_without_ids_are_stored_twice() {
    let found = found_with(Mistake::MessageWithoutId);
    assert!(found.stored_twice > 0, "{found:?}");
    assert_eq!(found, Found { stored_twice: found.stored_twice, ..Found::default() });
}

#[test]
fn effects_without_keys_are_doubled() {
    let found = found_with(Mistake::EffectWithoutKey);
    assert!(found.doubled > 0, "{found:?}");
    assert_eq!(found, Found { doubled: found.doubled, ..Found::default() });
}
