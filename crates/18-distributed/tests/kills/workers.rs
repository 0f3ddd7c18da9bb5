//! A worker that is killed at any step leaves each effect once.

use std::{process::Stdio, time::Duration};

use async_kit::TimeLimit;
use distributed::ENDS_WITH_PARENT;
use tokio::io::{AsyncBufReadExt, BufReader};

use crate::fixture::on_all;

#[tokio::test]
async fn a_worker_that_is_killed_at_any_step_leaves_each_effect_once() {
    for (step, effects) in [("received", 0), ("begun", 0), ("committed", 1), ("acked", 1)]
    {
        on_all(async |fixture| {
            fixture.publish(3).await?;
            let stop_at = format!("--stop-at={step}");
            let mut worker = fixture.start("worker", &[&stop_at])?;
            assert_eq!(worker.next_step().await?, step);
            fixture.kill(&mut worker).await?;
            assert_eq!(fixture.effects().await?.len(), effects, "killed at {step}");
            let lines = fixture.deliver_the_rest().await?;
            let again = lines.iter().any(|line| line.ends_with("delivery 2"));
            assert!(again || step == "acked", "killed at {step}: {lines:?}");
            fixture.assert_all_delivered(3).await
        })
        .await;
    }
}

/// The tests above would notice a missing key.
#[tokio::test]
async fn without_a_key_a_worker_that_is_killed_before_its_acknowledgement_leaves_two() {
    on_all(async |fixture| {
        fixture.publish(1).await?;
        let mut worker =
            fixture.start("worker", &["--unkeyed", "--stop-at=committed"])?;
        worker.next_step().await?;
        fixture.kill(&mut worker).await?;
        let mut worker = fixture.start("worker", &["--unkeyed", "--stop-at=acked"])?;
        worker.next_step().await?;
        fixture.kill(&mut worker).await?;
        assert_eq!(fixture.effects().await?, ["letter-1", "letter-1"]);
        Ok(())
    })
    .await;
}

/// Nothing drops the `Child` of a parent that is killed. But the system closes the parent's pipes.
#[tokio::test]
async fn a_child_ends_with_its_parent_also_if_it_has_stopped_at_a_step() {
    on_all(async |fixture| {
        fixture.publish(1).await?;
        for options in [&["--stop-at=received"][..], &["--takes-ms=60000"]] {
            let mut command = fixture.command("worker", options);
            command.env(ENDS_WITH_PARENT, "1").kill_on_drop(true);
            let mut worker =
                command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
            let output = worker.stdout.take().expect("a pipe");
            let mut lines = BufReader::new(output).lines();
            while !lines.next_line().await?.expect("a line").starts_with("takes") {}
            drop(worker.stdin.take());
            let ended = worker.wait().within(Duration::from_secs(30)).await??;
            assert_eq!(ended.code(), Some(1), "{options:?}");
        }
        Ok(())
    })
    .await;
}
