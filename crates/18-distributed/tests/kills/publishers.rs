//! A publisher that is killed at any step and started again has stored each letter once.

use crate::fixture::{lines, on_all};

#[tokio::test]
async fn a_publisher_that_is_killed_at_any_step_has_stored_what_was_acknowledged() {
    for (step, known, stored) in
        [("sending", 1, 1..=2), ("stored", 1, 2..=2), ("acknowledged", 2, 2..=2)]
    {
        on_all(async |fixture| {
            let stop_at = format!("--stop-at={step}");
            let options = ["--first=1", "--last=2", &stop_at];
            let mut publisher = fixture.start("publisher", &options)?;
            assert_eq!(publisher.next_step().await?, step);
            fixture.kill(&mut publisher).await?;
            let waiting = fixture.status().await?.waiting;
            assert!(stored.contains(&waiting), "killed at {step}: {waiting}");

            let first = format!("--first={}", known + 1);
            let mut again = fixture.start("publisher", &[&first, "--last=3"])?;
            let acknowledged = lines(&mut again).await?.len();
            assert_eq!(acknowledged, 3 - known, "killed at {step}");
            assert_eq!(fixture.status().await?.waiting, 3, "killed at {step}");
            fixture.deliver_the_rest().await?;
            fixture.assert_all_delivered(3).await
        })
        .await;
    }
}

/// Its calls have returned, but nothing was waited for.
#[tokio::test]
async fn a_publisher_that_does_not_wait_can_lose_letters() {
    on_all(async |fixture| {
        let options = ["--forget", "--first=1", "--last=5"];
        let mut publisher = fixture.start("publisher", &options)?;
        publisher.next_step().await?;
        fixture.kill(&mut publisher).await?;
        let stored = fixture.status().await?.waiting;
        assert!(stored < 5, "on {}: {stored} of 5 are stored", fixture.form());
        Ok(())
    })
    .await;
}
