//! A worker that is killed at any step leaves each effect once.

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
