//! Publishers and workers are killed at random times, until all letters are delivered.

use async_kit::TimeLimit;
use tokio::time::sleep;

use crate::fixture::{Fixture, lines, on_all, random_time, wait_for};

const LETTERS: usize = 20;

/// Then no more is killed, so the test ends on any machine.
const MOST_KILLS: usize = 12;

#[tokio::test]
async fn processes_that_are_killed_at_random_times_lose_nothing_and_do_nothing_twice() {
    on_all(async |fixture| {
        publish_and_kill(fixture).await?;
        deliver_and_kill(fixture).await?;
        fixture.deliver_the_rest().await?;
        fixture.assert_all_delivered(LETTERS).await
    })
    .await;
}

/// Each publisher goes on behind the last acknowledgement that its predecessor has reported.
async fn publish_and_kill(fixture: &Fixture<'_>) -> anyhow::Result<()> {
    let mut known = 0;
    while known < LETTERS {
        let options = [format!("--first={}", known + 1), format!("--last={LETTERS}")];
        let options = [&*options[0], &*options[1], "--pause-ms=2"];
        let mut publisher = fixture.start("publisher", &options)?;
        if fixture.kills() < MOST_KILLS {
            sleep(random_time()).await;
            fixture.kill(&mut publisher).await?;
        }
        // What it has printed before is still in the pipe.
        known += lines(&mut publisher).await?.len();
    }
    Ok(())
}

/// Kills workers until all letters have had their effect: half of them while they start, the others after
/// they have taken a letter.
async fn deliver_and_kill(fixture: &Fixture<'_>) -> anyhow::Result<()> {
    let effects = fixture.open_effects().await?;
    let most = fixture.kills() + MOST_KILLS;
    while fixture.kills() < most && effects.list().await?.len() < LETTERS {
        let mut workers = Vec::new();
        for _ in 0..fixture.workers() {
            workers.push(fixture.start("worker", &["--takes-ms=2"])?);
        }
        if fastrand::bool() {
            // Ignore the timeout: perhaps all letters are in flight.
            let _ = wait_for(&mut workers[0], "takes").within(5 * random_time()).await;
        }
        for mut worker in workers {
            sleep(random_time() / 2).await;
            fixture.kill(&mut worker).await?;
        }
    }
    effects.close().await;
    Ok(())
}
