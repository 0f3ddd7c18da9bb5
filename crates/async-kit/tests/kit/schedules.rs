//! The patterns that have state behave as documented under many random orders of tasks.
//!
//! Each test runs one order per seed of [`SEEDS`]. A failure names its seed, and `replay(seed, …)` in
//! place of `explore(…)` runs that order again.
//!
//! Only the order of the callers is random, because they are tasks of the schedule. Tasks that a
//! pattern spawns itself run in Tokio's order: the children of a group, the tasks of a monitor, the
//! task of a batcher, the closes of a pool, the background releases of a scope. So for [`Group`],
//! [`Monitor`] and [`scope`] the order in which callers wait and are cancelled is random, but not the
//! order of the tasks inside them.

use std::{
    collections::VecDeque,
    convert::Infallible,
    env,
    future::pending,
    num::NonZeroUsize,
    process::Command,
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

/// Arbitrary. When a wake-up was removed from a pattern on purpose, a test failed within ten orders.
const SEEDS: std::ops::Range<u64> = 0..300;

/// Cancels `future` after `limit` ms, even if it becomes ready at the same moment. Like this, a
/// `select!` cancels if its first branch is the cancellation. `timeout` would return the value.
async fn cancel_after<F: Future>(limit: u64, future: F) -> Option<F::Output> {
    select! {
        biased;
        () = sleep(limit.ms()) => None,
        output = future => Some(output),
    }
}

/// Milliseconds after which waiters are cancelled. The last waiter is never cancelled, so it gets
/// everything that the others did not get.
const LIMITS: [u64; 4] = [1, 2, 3, 60_000];

fn sorted(mut items: Vec<u32>) -> Vec<u32> {
    items.sort_unstable();
    items
}

#[test]
fn an_item_of_a_priority_queue_goes_to_a_pop_that_is_not_cancelled() {
    explore(SEEDS, async |schedule| {
        let queue = PriorityQueue::bounded(1);
        let poppers = LIMITS.map(|limit| {
            let queue = queue.clone();
            schedule.spawn(async move { cancel_after(limit, queue.pop()).await })
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
            assert!(pushed.is_ok() || queue.len() == 1, "the free position was lost");
        }
        sleep(100.ms()).await;
        // The pop that is not cancelled got an item, unless the others took all three.
        let mut got = 0;
        for popper in poppers.into_iter().take(3) {
            got += usize::from(popper.await.is_some());
        }
        let taken = 3 - queue.len();
        assert_eq!(taken, (got + 1).min(3), "an item is left while a pop waits for it");
    });
}

#[test]
fn a_free_queue_position_goes_to_a_push_that_is_not_cancelled() {
    explore(SEEDS, async |schedule| {
        let queue = PriorityQueue::bounded(1);
        queue.try_push(0, 0).unwrap();
        let pushers = LIMITS.map(|limit| {
            let queue = queue.clone();
            schedule.spawn(async move {
                cancel_after(limit, queue.push(limit, limit)).await.is_some()
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
            // The push that is not cancelled still waits if the others took all free positions.
            match timeout(1.ms(), pusher).await {
                Ok(has_pushed) => pushed += usize::from(has_pushed),
                Err(_) => {
                    assert_eq!(
                        queue.len(),
                        1,
                        "a position is free while a push waits for it"
                    )
                }
            }
        }
        assert_eq!(taken + queue.len(), 1 + pushed, "{queue:?}");
    });
}

#[test]
fn closing_a_priority_queue_ends_every_waiting_pop() {
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
            got += usize::from(popped.expect("a pop never returned").is_some());
        }
        assert_eq!(got, 1);
    });
}

#[test]
fn a_work_queue_redelivers_dropped_jobs_until_each_item_is_done_once() {
    explore(SEEDS, async |schedule| {
        let queue = WorkQueue::<u32>::bounded(2).max_deliveries(9);
        let done = Arc::new(Mutex::new(Vec::new()));
        let workers = [1, 2, 3].map(|limit: u64| {
            let (queue, done) = (queue.clone(), Arc::clone(&done));
            schedule.spawn(async move {
                loop {
                    let Some(job) = cancel_after(limit, queue.recv()).await else {
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
                    // If a cancelled send had sent its item, the item would be sent twice.
                    while cancel_after(1, queue.send(n)).await.is_none() {}
                }
            })
        });
        for sender in senders {
            timeout(1.secs(), sender).await.expect("a send never returned");
        }
        timeout(1.secs(), queue.join()).await.expect("an item was not delivered");
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
fn a_pool_never_exceeds_its_size_and_closes_every_connection() {
    explore(SEEDS, async |schedule| {
        let manager = Counting::default();
        let (open, peak) = (Arc::clone(&manager.open), Arc::clone(&manager.peak));
        let pool = Pool::builder(manager).max_size(2).build();
        let users = [1, 2, 3, 4, 5].map(|n: u64| {
            let pool = pool.clone();
            schedule.spawn(async move {
                for _ in 0..3 {
                    if let Some(Ok(mut pooled)) = cancel_after(n, pool.acquire()).await {
                        sleep(1.ms()).await;
                        if n == 3 {
                            pooled.mark_broken();
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
                    .expect("a permit was lost")
                    .unwrap(),
            );
        }
        pool.close().await;
        assert!(
            peak.load(SeqCst) <= 2,
            "{} connections at the same time",
            peak.load(SeqCst)
        );
        assert_eq!(open.load(SeqCst), 0, "a connection leaked");
    });
}

#[test]
fn a_notification_goes_to_a_waiter_that_is_not_cancelled() {
    explore(SEEDS, async |schedule| {
        let store = Arc::new(Condition::new(VecDeque::new()));
        // The last taker is not cancelled. The others are cancelled while they wait for the item or,
        // after they were woken, for the lock.
        let takers = LIMITS.map(|limit| {
            let store = Arc::clone(&store);
            schedule.spawn(async move {
                let take = async {
                    let waits = |items: &mut VecDeque<u32>| items.is_empty();
                    store.lock().await.wait_while(waits).await.pop_front()
                };
                cancel_after(limit, take).await.flatten()
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
        assert!(
            store.lock().await.is_empty(),
            "the notification was lost with a cancelled waiter"
        );
        drop(takers);
    });
}

#[test]
fn every_waiter_of_an_event_proceeds_before_or_after_the_set() {
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
                match cancel_after(n.into(), batcher.submit(n)).await {
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
fn a_report_goes_to_a_call_of_next_that_is_not_cancelled() {
    explore(SEEDS, async |schedule| {
        let monitor = Arc::new(Monitor::<_, ()>::new());
        for n in 1..=4 {
            monitor.spawn("task", async move {
                sleep(u64::from(n).ms()).await;
                Ok(n)
            });
        }
        let takers = LIMITS.map(|limit| {
            let monitor = Arc::clone(&monitor);
            schedule
                .spawn(async move { cancel_after(limit, monitor.next()).await.flatten() })
        });
        let mut taken = Vec::new();
        for (taker, limit) in takers.into_iter().zip(LIMITS) {
            let report =
                timeout(1.secs(), taker).await.expect("a report was not delivered");
            assert!(report.is_some() || limit < 60_000, "the last waiter got no report");
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
fn every_waiter_of_a_monitor_returns_when_no_report_can_follow() {
    explore(SEEDS, async |schedule| {
        let monitor = Arc::new(Monitor::<u32, ()>::new());
        for n in 1..=6 {
            monitor.spawn(format!("task-{}", n % 3), async move {
                sleep(u64::from(n).ms()).await;
                Ok(n)
            });
        }
        let takers = [1, 60_000, 60_000].map(|limit: u64| {
            let monitor = Arc::clone(&monitor);
            schedule.spawn(async move {
                let mut taken = 0;
                loop {
                    match cancel_after(limit, monitor.next()).await {
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
        let canceller = Arc::clone(&monitor);
        drop(schedule.spawn(async move {
            sleep(2.ms()).await;
            canceller.cancel("task-1");
        }));
        let mut taken = 0;
        for waiter in takers.into_iter().chain(joiners) {
            taken += timeout(1.secs(), waiter).await.expect("a waiter never returned");
        }
        assert_eq!(taken, 6);
    });
}

/// Logs its name when its release begins, and again when the release has ended.
struct Resource(&'static str, Arc<Mutex<Vec<&'static str>>>);

impl Release for Resource {
    async fn release(self) {
        self.1.lock().unwrap().push(self.0);
        sleep(1.ms()).await;
        self.1.lock().unwrap().push(self.0);
    }
}

#[test]
fn nested_scopes_are_released_inside_out_before_a_wait_for_them_ends() {
    explore(SEEDS, async |schedule| {
        // The bodies take 2 ms, and each release takes 1 ms. So the cancellation comes in a body, in
        // one of the releases, or after the end.
        let users = [1, 2, 3, 4, 5, 6].map(|limit: u64| {
            schedule.spawn(async move {
                let log = Arc::default();
                let scopes =
                    scope::with(Resource("outer", Arc::clone(&log)), async |_| {
                        let inner = Resource("inner", Arc::clone(&log));
                        scope::with(inner, async |_| sleep(2.ms()).await).await;
                    });
                let cut = cancel_after(limit, scopes);
                if limit.is_multiple_of(2) {
                    scope::settled(cut).await;
                } else {
                    cut.await;
                    scope::released().await;
                }
                assert_eq!(*log.lock().unwrap(), ["inner", "inner", "outer", "outer"]);
            })
        });
        for user in users {
            timeout(1.secs(), user).await.expect("a waiter never returned");
        }
    });
}

#[test]
fn a_group_that_failed_or_was_cancelled_has_no_child_after_settled() {
    explore(SEEDS, async |schedule| {
        let callers = [1, 2, 3, 4].map(|limit: u64| {
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
                let result = scope::settled(cancel_after(limit, family)).await;
                assert!(matches!(result, None | Some(Err("failed"))), "{result:?}");
                let mut released = log.lock().unwrap().clone();
                released.sort_unstable();
                assert_eq!(released, ["first", "first", "second", "second"]);
            })
        });
        for caller in callers {
            timeout(1.secs(), caller).await.expect("a waiter never returned");
        }
    });
}

/// The only order that fails is that of seed 7.
#[test]
#[ignore = "it fails: another test starts it"]
fn fails_in_one_order() {
    let runs = AtomicUsize::new(0);
    explore(0..10, async |_| assert_ne!(runs.fetch_add(1, SeqCst), 7));
}

#[test]
fn a_failure_names_the_seed_of_its_order() {
    let this = env::current_exe().expect("the path of the running test");
    let failed = Command::new(this)
        .args(["--ignored", "--exact", "--nocapture", "schedules::fails_in_one_order"])
        .output()
        .expect("a second process of this test program");
    let text = String::from_utf8_lossy(&failed.stderr);
    assert!(text.contains("run it again with replay(7, …)"), "{text}");
}
