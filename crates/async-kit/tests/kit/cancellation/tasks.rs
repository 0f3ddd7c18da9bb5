//! A cancelled group cancels its children, and a cancelled call of a monitor takes no report.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::SeqCst},
};

use async_kit::{Group, Millis, Monitor, cancel_at_every_await, group::Child};
use tokio::{
    sync::{Mutex, oneshot},
    time::{sleep, timeout},
};

struct Alive(Arc<AtomicUsize>);

impl Alive {
    fn new(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, SeqCst);
        Self(Arc::clone(count))
    }
}

impl Drop for Alive {
    fn drop(&mut self) {
        self.0.fetch_sub(1, SeqCst);
    }
}

#[test]
fn a_cancelled_group_leaves_no_child_behind() {
    let cuts = cancel_at_every_await(
        async || Arc::new(AtomicUsize::new(0)),
        async |alive| {
            Group::run(async |group| {
                for _ in 0..3 {
                    let alive = Alive::new(alive);
                    group.spawn(async move {
                        // The child takes longer than the run continues after the cut.
                        sleep(100.secs()).await;
                        drop(alive);
                        Ok::<_, ()>(())
                    });
                }
                sleep(10.ms()).await;
                Err::<(), _>(())
            })
            .await
        },
        async |alive, cut| {
            assert_eq!(
                alive.load(SeqCst),
                0,
                "{cut}: a child runs longer than its group"
            );
        },
    );
    assert!(cuts >= 3, "{cuts}");
}

/// Makes a child that returns its value after 10 ms. Its group runs in a separate task.
async fn child_of_a_group() -> Mutex<Child<u32>> {
    let (give, take) = oneshot::channel();
    tokio::spawn(Group::run(async |group| {
        let child = group.spawn(async {
            sleep(10.ms()).await;
            Ok::<_, ()>(7)
        });
        give.send(child).expect("the setup waits for it");
        Ok(())
    }));
    Mutex::new(take.await.expect("the group runs"))
}

#[test]
fn a_cancelled_wait_for_a_child_leaves_its_value() {
    let cuts = cancel_at_every_await(
        child_of_a_group,
        async |child| (&mut *child.lock().await).await,
        async |child, cut| {
            let value = timeout(1.secs(), &mut *child.lock().await).await;
            assert_eq!(value, Ok(7), "{cut}");
        },
    );
    assert_eq!(cuts, 3);
}

async fn two_tasks() -> Monitor<u32, ()> {
    let monitor = Monitor::new();
    for n in 1..=2 {
        monitor.spawn(format!("task-{n}"), async move {
            sleep((10 * u64::from(n)).ms()).await;
            Ok(n)
        });
    }
    monitor
}

#[test]
fn a_cancelled_next_takes_no_report() {
    let cuts = cancel_at_every_await(
        two_tasks,
        async |monitor| drop(monitor.next().await),
        async |monitor, cut| assert_eq!(monitor.join().await.len(), 2, "{cut}"),
    );
    assert_eq!(cuts, 3);
}

#[test]
fn a_cancelled_next_leaves_its_report_to_the_next_waiter() {
    let cuts = cancel_at_every_await(
        async || {
            let monitor = Arc::new(Monitor::new());
            monitor.spawn("single", async {
                sleep(10.ms()).await;
                Ok::<_, ()>(7)
            });
            let second = Arc::clone(&monitor);
            let second = tokio::spawn(async move {
                sleep(1.ms()).await;
                second.next().await
            });
            (monitor, Mutex::new(Some(second)))
        },
        async |(monitor, _)| drop(monitor.next().await),
        async |(_, second), cut| {
            let second = second.lock().await.take().expect("checked once");
            let report = timeout(1.secs(), second).await;
            let report = report
                .unwrap_or_else(|_| panic!("{cut}: the second `next` never returns"));
            assert!(report.unwrap().is_some(), "{cut}: the report is lost");
        },
    );
    assert_eq!(cuts, 3);
}

#[test]
fn a_cancelled_join_takes_no_report() {
    let cuts = cancel_at_every_await(
        two_tasks,
        async |monitor| drop(monitor.join().await),
        async |monitor, cut| assert_eq!(monitor.join().await.len(), 2, "{cut}"),
    );
    assert_eq!(cuts, 3);
}
