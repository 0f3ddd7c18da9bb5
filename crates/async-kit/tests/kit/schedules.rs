//! The patterns with state of their own keep their promises under many random orders of tasks.
//!
//! Each test tries [`SEEDS`] orders. A failure names its seed, and `replay(seed, …)` in place of
//! `explore(…)` shows that order again.
//!
//! Random is the order of the callers, which are tasks of the schedule. What a pattern spawns by
//! itself keeps Tokio's order: a group's children, a monitor's tasks, a batcher's task, a pool's
//! closes, a scope's cancelled releases. So for [`Group`], [`Monitor`] and [`scope`] it is a
//! matter of chance who asks, waits and is cancelled when, but not which of their tasks runs first.

use std::{
    collections::VecDeque,
    convert::Infallible,
    future::pending,
    num::NonZeroUsize,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
};

use async_kit::{
    Batcher, Condition, Event, Group, Manager, Millis, Monitor, Pool, PriorityQueue,
    WorkQueue, explore,
    monitor::Outcome,
    scope::{self, Release},
};
use tokio::{
    select,
    time::{sleep, timeout},
};

use super::counted::Counted;

/// Arbitrary. Of the hand-overs that were taken out on purpose, each showed within ten orders.
const SEEDS: std::ops::Range<u64> = 0..300;

/// Gives up after `patience`, even if what it waited for came in that very moment: this is how
/// `select!` with a cancellation first behaves, and `timeout` does not.
async fn unless_late<F: Future>(patience: u64, future: F) -> Option<F::Output> {
    select! {
        biased;
        () = sleep(patience.ms()) => None,
        output = future => Some(output),
    }
}

/// Of several who wait for one thing, the patient one gets it if the others gave up.
const PATIENCE: [u64; 4] = [1, 2, 3, 60_000];

fn sorted(mut items: Vec<u32>) -> Vec<u32> {
    items.sort_unstable();
    items
}

#[test]
fn a_priority_queue_hands_its_item_to_somebody_who_stays() {
    explore(SEEDS, async |schedule| {
        let queue = PriorityQueue::bounded(1);
        let poppers = PATIENCE.map(|patience| {
            let queue = queue.clone();
            schedule.spawn(async move { unless_late(patience, queue.pop()).await })
        });
        let pushers = [1, 2, 3].map(|n: u64| {
            let queue = queue.clone();
            schedule.spawn(async move {
                sleep(n.ms()).await;
                queue.push(n, n).await.unwrap();
            })
        });
        for pusher in pushers {
            let pushed = timeout(1.secs(), pusher).await;
            assert!(pushed.is_ok() || queue.len() == 1, "the room was lost");
        }
        sleep(100.ms()).await;
        // At least the patient one got an item, unless the others took all three.
        let mut got = 0;
        for popper in poppers.into_iter().take(3) {
            got += usize::from(popper.await.is_some());
        }
        let taken = 3 - queue.len();
        assert_eq!(
            taken,
            (got + 1).min(3),
            "an item lies there while somebody waits for it"
        );
    });
}

#[test]
fn a_priority_queue_gives_its_room_to_somebody_who_stays() {
    explore(SEEDS, async |schedule| {
        let queue = PriorityQueue::bounded(1);
        queue.try_push(0, 0).unwrap();
        let pushers = PATIENCE.map(|patience| {
            let queue = queue.clone();
            schedule.spawn(async move {
                unless_late(patience, queue.push(patience, patience)).await.is_some()
            })
        });
        let mut taken = 0;
        for _ in 0..3 {
            sleep(1.ms()).await;
            taken += usize::from(queue.try_pop().is_some());
        }
        sleep(100.ms()).await;
        let mut pushed = 0;
        for pusher in pushers {
            // The patient one still waits if the others got all the room there was.
            match timeout(1.ms(), pusher).await {
                Ok(has_pushed) => pushed += usize::from(has_pushed),
                Err(_) => assert_eq!(queue.len(), 1, "there is room, and somebody waits"),
            }
        }
        assert_eq!(taken + queue.len(), 1 + pushed, "{queue:?}");
    });
}

#[test]
fn a_closed_priority_queue_ends_for_everybody_who_waits() {
    explore(SEEDS, async |schedule| {
        let queue = PriorityQueue::bounded(1);
        let poppers = [(); 3].map(|()| {
            let queue = queue.clone();
            schedule.spawn(async move { queue.pop().await })
        });
        sleep(1.ms()).await;
        queue.push(1, "item").await.unwrap();
        queue.close();
        let mut got = 0;
        for popper in poppers {
            let popped = timeout(1.secs(), popper).await;
            got += usize::from(popped.expect("a popper waits for ever").is_some());
        }
        assert_eq!(got, 1);
    });
}

#[test]
fn a_work_queue_redelivers_what_its_workers_drop_until_all_is_done_once() {
    explore(SEEDS, async |schedule| {
        let queue = WorkQueue::<u32>::bounded(2).max_deliveries(9);
        let done = Arc::new(Mutex::new(Vec::new()));
        let workers = [1, 2, 3].map(|patience: u64| {
            let (queue, done) = (queue.clone(), Arc::clone(&done));
            schedule.spawn(async move {
                loop {
                    let Some(job) = unless_late(patience, queue.recv()).await else {
                        continue;
                    };
                    let Some(job) = job else { return };
                    sleep(1.ms()).await;
                    // Every third item fails at its first delivery.
                    if *job % 3 != 0 || job.deliveries() > 1 {
                        done.lock().unwrap().push(job.done());
                    }
                }
            })
        });
        let senders = [0, 10].map(|base| {
            let queue = queue.clone();
            schedule.spawn(async move {
                for n in base..base + 4 {
                    // One that gave up and had sent all the same would send twice.
                    while unless_late(1, queue.send(n)).await.is_none() {}
                }
            })
        });
        for sender in senders {
            timeout(1.secs(), sender).await.expect("a sender waits for ever");
        }
        timeout(1.secs(), queue.join()).await.expect("an item lies there for ever");
        queue.close();
        for worker in workers {
            worker.await;
        }
        let all: Vec<u32> = (0..4).chain(10..14).collect();
        assert_eq!(sorted(done.lock().unwrap().clone()), all);
        assert!(queue.dead_letters().is_empty());
    });
}

#[derive(Clone, Default)]
struct Counting {
    open: Arc<AtomicUsize>,
    peak: Arc<AtomicUsize>,
}

impl Manager for Counting {
    type Connection = Counted;
    type Error = Infallible;

    async fn connect(&self) -> Result<Counted, Infallible> {
        let (connection, others) = Counted::new(&self.open);
        self.peak.fetch_max(others + 1, SeqCst);
        sleep(1.ms()).await;
        Ok(connection)
    }

    async fn is_healthy(&self, _: &mut Counted) -> bool {
        true
    }

    async fn close(&self, connection: Counted) {
        sleep(1.ms()).await;
        drop(connection);
    }
}

#[test]
fn a_pool_lends_no_more_than_it_has_and_closes_every_connection() {
    explore(SEEDS, async |schedule| {
        let manager = Counting::default();
        let (open, peak) = (Arc::clone(&manager.open), Arc::clone(&manager.peak));
        let pool = Pool::builder(manager).max_size(2).build();
        let users = [1, 2, 3, 4, 5].map(|n: u64| {
            let pool = pool.clone();
            schedule.spawn(async move {
                for _ in 0..3 {
                    if let Some(Ok(mut lent)) = unless_late(n, pool.acquire()).await {
                        sleep(1.ms()).await;
                        if n == 3 {
                            lent.mark_broken();
                        }
                    }
                }
            })
        });
        for user in users {
            user.await;
        }
        for _ in 0..2 {
            drop(
                timeout(1.secs(), pool.acquire())
                    .await
                    .expect("a turn was lost")
                    .unwrap(),
            );
        }
        pool.close().await;
        assert!(peak.load(SeqCst) <= 2, "{} connections at once", peak.load(SeqCst));
        assert_eq!(open.load(SeqCst), 0, "a connection leaked");
    });
}

#[test]
fn a_condition_wakes_somebody_who_stays() {
    explore(SEEDS, async |schedule| {
        let store = Arc::new(Condition::new(VecDeque::new()));
        // One is patient. The others give up while they wait for the item or, woken, for the lock.
        let takers = PATIENCE.map(|patience| {
            let store = Arc::clone(&store);
            schedule.spawn(async move {
                let take = async {
                    let waits = |items: &mut VecDeque<u32>| items.is_empty();
                    store.lock().await.wait_while(waits).await.pop_front()
                };
                unless_late(patience, take).await.flatten()
            })
        });
        sleep(1.ms()).await;
        {
            let mut items = store.lock().await;
            items.push_back(7);
            store.notify_one();
            sleep(4.ms()).await;
        }
        sleep(100.ms()).await;
        assert!(store.lock().await.is_empty(), "the wake-up went to one who gave up");
        drop(takers);
    });
}

#[test]
fn an_event_lets_every_waiter_pass_whatever_comes_first() {
    explore(SEEDS, async |schedule| {
        let event = Arc::new(Event::new());
        let setter = Arc::clone(&event);
        let waiters = [0, 1, 2].map(|_| {
            let event = Arc::clone(&event);
            schedule.spawn(async move { timeout(1.secs(), event.wait()).await.is_ok() })
        });
        let setter = schedule.spawn(async move { setter.set() });
        setter.await;
        for waiter in waiters {
            assert!(waiter.await, "a waiter missed the event");
        }
    });
}

#[test]
fn a_batcher_gives_each_caller_its_own_result() {
    explore(SEEDS, async |schedule| {
        let two = NonZeroUsize::new(2).unwrap();
        let batcher = Batcher::new(two, 1.ms(), async |items: Vec<u32>| {
            sleep(1.ms()).await;
            items.into_iter().map(|n| n * 10).collect()
        });
        let callers = [1, 2, 3, 4, 5].map(|n| {
            let batcher = batcher.clone();
            schedule.spawn(async move {
                match unless_late(n.into(), batcher.submit(n)).await {
                    Some(result) => assert_eq!(result, Ok(n * 10)),
                    None => assert_eq!(batcher.submit(n + 5).await, Ok((n + 5) * 10)),
                }
            })
        });
        for caller in callers {
            caller.await;
        }
    });
}

#[test]
fn a_monitor_hands_each_report_to_somebody_who_stays() {
    explore(SEEDS, async |schedule| {
        let monitor = Arc::new(Monitor::<_, ()>::new());
        for n in 1..=4 {
            monitor.spawn("task", async move {
                sleep(u64::from(n).ms()).await;
                Ok(n)
            });
        }
        let takers = PATIENCE.map(|patience| {
            let monitor = Arc::clone(&monitor);
            schedule.spawn(async move {
                unless_late(patience, monitor.next()).await.flatten()
            })
        });
        let mut taken = Vec::new();
        for (taker, patience) in takers.into_iter().zip(PATIENCE) {
            let report = timeout(1.secs(), taker).await.expect("a report lies there");
            assert!(report.is_some() || patience < 60_000, "the patient one got none");
            taken.extend(report);
        }
        taken.extend(monitor.join().await);
        let values = taken.into_iter().map(|report| match report.outcome {
            Outcome::Done(n) => n,
            other => panic!("{other:?}"),
        });
        assert_eq!(sorted(values.collect()), [1, 2, 3, 4]);
    });
}

#[test]
fn everybody_who_waits_for_a_monitor_learns_that_nothing_is_left() {
    explore(SEEDS, async |schedule| {
        let monitor = Arc::new(Monitor::<u32, ()>::new());
        for n in 1..=6 {
            monitor.spawn(format!("task-{}", n % 3), async move {
                sleep(u64::from(n).ms()).await;
                Ok(n)
            });
        }
        let takers = [1, 60_000, 60_000].map(|patience: u64| {
            let monitor = Arc::clone(&monitor);
            schedule.spawn(async move {
                let mut taken = 0;
                loop {
                    match unless_late(patience, monitor.next()).await {
                        Some(Some(_)) => taken += 1,
                        Some(None) => return taken,
                        None => {}
                    }
                }
            })
        });
        let joiners = [(); 2].map(|()| {
            let monitor = Arc::clone(&monitor);
            schedule.spawn(async move { monitor.join().await.len() })
        });
        let boss = Arc::clone(&monitor);
        drop(schedule.spawn(async move {
            sleep(2.ms()).await;
            boss.cancel("task-1");
        }));
        let mut taken = 0;
        for waiter in takers.into_iter().chain(joiners) {
            taken += timeout(1.secs(), waiter).await.expect("somebody waits for ever");
        }
        assert_eq!(taken, 6);
    });
}

/// Writes its name when its release begins, and again when it has ended.
struct Resource(&'static str, Arc<Mutex<Vec<&'static str>>>);

impl Release for Resource {
    async fn release(self) {
        self.1.lock().unwrap().push(self.0);
        sleep(1.ms()).await;
        self.1.lock().unwrap().push(self.0);
    }
}

#[test]
fn a_scope_is_released_from_the_inside_out_before_a_wait_for_it_ends() {
    explore(SEEDS, async |schedule| {
        // The bodies take 2 ms, each release 1 ms: they are cut in all of them, and in none.
        let users = [1, 2, 3, 4, 5, 6].map(|patience: u64| {
            schedule.spawn(async move {
                let log = Arc::default();
                let scopes =
                    scope::with(Resource("outer", Arc::clone(&log)), async |_| {
                        let inner = Resource("inner", Arc::clone(&log));
                        scope::with(inner, async |_| sleep(2.ms()).await).await;
                    });
                let cut = unless_late(patience, scopes);
                if patience.is_multiple_of(2) {
                    scope::settled(cut).await;
                } else {
                    cut.await;
                    scope::released().await;
                }
                assert_eq!(*log.lock().unwrap(), ["inner", "inner", "outer", "outer"]);
            })
        });
        for user in users {
            timeout(1.secs(), user).await.expect("somebody waits for ever");
        }
    });
}

#[test]
fn a_group_that_fails_or_is_cancelled_has_no_child_when_it_has_settled() {
    explore(SEEDS, async |schedule| {
        let callers = [1, 2, 3, 4].map(|patience: u64| {
            schedule.spawn(async move {
                let log = Arc::<Mutex<_>>::default();
                let family = Group::run(async |group| {
                    for child in ["first", "second"] {
                        let held = Resource(child, Arc::clone(&log));
                        let forever = scope::with(held, async |_| pending().await);
                        group.spawn::<(), _>(forever);
                    }
                    // The body waits for the child that fails, and is cancelled with the others.
                    let failing = group.spawn(async {
                        sleep(2.ms()).await;
                        Err::<(), _>("failed")
                    });
                    failing.await;
                    Ok(())
                });
                let result = scope::settled(unless_late(patience, family)).await;
                assert!(matches!(result, None | Some(Err("failed"))), "{result:?}");
                let mut released = log.lock().unwrap().clone();
                released.sort_unstable();
                assert_eq!(released, ["first", "first", "second", "second"]);
            })
        });
        for caller in callers {
            timeout(1.secs(), caller).await.expect("somebody waits for ever");
        }
    });
}
