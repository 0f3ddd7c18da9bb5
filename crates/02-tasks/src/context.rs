//! A spawned task does not inherit the task-locals of the task that spawned it.
//!
//! asyncio: `create_task` copies every `ContextVar` into the new task. Tokio: a `task_local!` is
//! visible to code inside its `scope`, including the futures of a `join!`. A spawned task runs
//! outside that scope and needs a scope of its own. A Tokio task also has no name; in the logs, a
//! `tracing` span gives it a name.

use async_kit::{Lane, Millis, say};
use tokio::{join, task, task_local, time::sleep};

// ANCHOR: context
task_local! {
    static REQUEST: u32;
}

/// Reads the number of the current request in six places.
pub(crate) async fn run() -> anyhow::Result<()> {
    REQUEST.scope(7, handle()).await?;
    say!("after the request: {}", request());
    Ok(())
}

async fn handle() -> Result<(), task::JoinError> {
    say!("in the handler: {}", request());
    join!(look("joined-1"), look("joined-2"));
    tokio::spawn(look("spawned task")).await?;
    let number = REQUEST.get();
    tokio::spawn(REQUEST.scope(number, look("scoped task"))).await
}

fn request() -> String {
    // `get` would panic outside a scope.
    REQUEST.try_with(u32::to_string).unwrap_or_else(|_| "no request".into())
}
// ANCHOR_END: context

async fn look(name: &'static str) {
    let look = async {
        sleep(if name == "joined-2" { 20.ms() } else { 10.ms() }).await;
        say!("sees {}", request());
    };
    look.lane(name).await;
}

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    #[test]
    fn only_a_spawned_task_loses_the_context() {
        virtual_time(async {
            Transcript::of(run()).await.assert_lines([
                "[  0.000s] in the handler: 7",
                "[  0.010s] joined-1 sees 7",
                "[  0.020s] joined-2 sees 7",
                "[  0.030s] spawned task sees no request",
                "[  0.040s] scoped task sees 7",
                "[  0.040s] after the request: no request",
            ]);
        });
    }

    #[test]
    fn a_scope_in_a_child_does_not_change_its_parent() {
        virtual_time(async {
            let child = async {
                tokio::spawn(REQUEST.scope(2, async { request() })).await.unwrap()
            };
            let both = REQUEST.scope(1, async { (child.await, request()) });
            assert_eq!(both.await, ("2".to_string(), "1".to_string()));
        });
    }
}
