//! A cancelled group takes its children with it; a cancelled watcher of a monitor takes nothing.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::SeqCst},
};

use async_kit::{Group, Millis, Monitor, cancel_at_every_await};
use tokio::time::sleep;

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
                        // Longer than anybody runs on after the cut.
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
            assert_eq!(alive.load(SeqCst), 0, "{cut}: a child outlives its group");
        },
    );
    assert!(cuts >= 3, "{cuts}");
}

#[test]
fn a_cancelled_wait_for_a_child_leaves_the_group_whole() {
    let cuts = cancel_at_every_await(
        async || (),
        async |()| {
            Group::run(async |group| {
                let child = group.spawn(async {
                    sleep(10.ms()).await;
                    Ok::<_, ()>(7)
                });
                Ok(child.await)
            })
            .await
        },
        async |(), _| {},
    );
    assert!(cuts >= 3, "{cuts}");
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
fn a_cancelled_join_takes_no_report() {
    let cuts = cancel_at_every_await(
        two_tasks,
        async |monitor| drop(monitor.join().await),
        async |monitor, cut| assert_eq!(monitor.join().await.len(), 2, "{cut}"),
    );
    assert!(cuts >= 3, "{cuts}");
}
