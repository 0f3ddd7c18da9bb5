//! The names and reports of a monitor cost a fixed time for each task, however many tasks run.

use async_kit::{Monitor, monitor::Outcome};
use tokio::task::JoinSet;

use crate::harness::{Bench, Times};

pub(crate) fn rows(bench: &mut Bench) {
    for tasks in [1_000, 10_000] {
        let name = format!("monitor: {tasks} tasks");
        let kit = move |n| monitored(n, tasks);
        bench.row(&name, kit, move |n| joined(n, tasks), Times(6.0));
    }
}

/// One operation is one task, from its spawn to its report.
async fn monitored(n: u64, tasks: u64) {
    for _ in 0..n.div_ceil(tasks) {
        let monitor = Monitor::<u64, ()>::new();
        for task in 0..tasks {
            monitor.spawn("task", async move { Ok(task) });
        }
        let reports = monitor.join().await;
        assert!(reports.iter().all(|report| matches!(report.outcome, Outcome::Done(_))));
    }
}

async fn joined(n: u64, tasks: u64) {
    for _ in 0..n.div_ceil(tasks) {
        let mut set = JoinSet::new();
        for task in 0..tasks {
            set.spawn(async move { task });
        }
        assert_eq!(set.join_all().await.len() as u64, tasks);
    }
}
