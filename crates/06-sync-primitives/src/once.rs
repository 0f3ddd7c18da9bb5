//! If many tasks need one costly value at the same time, only one of them makes it.
//!
//! asyncio: a lock around the check and the load. Tokio: `OnceCell::get_or_init`. If the task that
//! makes the value is cancelled, the next waiting task starts again: the value is either complete
//! or absent.

use std::sync::Arc;

use async_kit::{Lane, Millis, ask, knob, say};
use tokio::{sync::OnceCell, time::sleep};

/// Making the value takes 100 ms. The first task is cancelled after 50 ms.
pub(crate) async fn run() -> anyhow::Result<()> {
    let tasks = knob("tasks", 4, 2..=10);
    ask("tasks=10", "how many of the ten tasks start to load?");
    first_cancelled(tasks).await
}

// ANCHOR: once
async fn first_cancelled(tasks: usize) -> anyhow::Result<()> {
    let config = Arc::new(OnceCell::new());
    let start =
        |n| tokio::spawn(get_config(Arc::clone(&config)).lane(format!("task-{n}")));
    let mut tasks: Vec<_> = (0..tasks).map(start).collect();
    sleep(50.ms()).await;
    tasks.remove(0).abort();
    for task in tasks {
        task.await?;
    }
    Ok(())
}

async fn get_config(config: Arc<OnceCell<&'static str>>) {
    let value = config.get_or_init(load).await;
    say!("has {value}");
}

async fn load() -> &'static str {
    say!("starts to load");
    sleep(100.ms()).step("loading").await;
    "the configuration"
}
// ANCHOR_END: once

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, stage::record::Ending, virtual_time};

    use super::*;

    #[test]
    fn the_second_task_starts_again_and_all_the_others_share_its_value() {
        virtual_time(async {
            let seen = Transcript::of(first_cancelled(4)).await;
            seen.assert_lines([
                "[  0.000s] task-0 starts to load",
                "[  0.050s] task-1 starts to load",
                "[  0.150s] task-1 has the configuration",
                "[  0.150s] task-2 has the configuration",
                "[  0.150s] task-3 has the configuration",
            ]);
            assert_eq!(
                seen.recording().ending("task-0"),
                Some(Ending::Dropped),
                "{seen}"
            );
        });
    }

    #[test]
    fn the_value_is_made_once_for_any_number_of_tasks() {
        for tasks in [2, 4, 10] {
            let seen = virtual_time(Transcript::of(first_cancelled(tasks)));
            seen.assert_at(50.ms(), "task-1 starts to load");
            let count =
                |text| seen.lines().iter().filter(|line| line.text == text).count();
            assert_eq!(
                count("starts to load"),
                2,
                "the first load was cancelled: {seen}"
            );
            assert_eq!(count("has the configuration"), tasks - 1, "{seen}");
            assert_eq!(seen.elapsed(), 150.ms(), "they share one load: {seen}");
        }
    }
}
