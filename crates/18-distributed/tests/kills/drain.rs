//! SIGTERM ends a worker without a redelivery, unless its letter takes too long.

use std::{collections::VecDeque, time::Duration};

use async_kit::Millis;
use distributed::Child;
use tokio::time::sleep;

use crate::fixture::{Fixture, lines, on_all, wait_for};

/// No letter may be delivered again because the machine is slow.
const LONG: Duration = Duration::from_secs(30);

/// Asks a worker to end, and returns the rest of its lines.
async fn drained(mut worker: Child) -> anyhow::Result<Vec<String>> {
    worker.terminate()?;
    let lines = lines(&mut worker).await?;
    assert_eq!(worker.wait().await?.code(), Some(0), "{lines:?}");
    Ok(lines)
}

#[tokio::test]
async fn a_worker_finishes_its_letter_after_sigterm_and_takes_no_other() {
    on_all(async |fixture| {
        fixture.ack_wait = LONG;
        fixture.publish(3).await?;
        let mut worker = fixture.start("worker", &["--takes-ms=50"])?;
        wait_for(&mut worker, "takes letter-1").await?;
        let lines = drained(worker).await?;
        assert_eq!(lines, ["SIGTERM: asks for no other letter", "delivered letter-1"]);
        assert_eq!(fixture.effects().await?, ["letter-1"]);
        let status = fixture.status().await?;
        assert_eq!((status.waiting, status.in_flight, status.redelivered), (2, 0, 0));
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_worker_without_a_letter_ends_after_sigterm() {
    on_all(async |fixture| {
        let mut worker = fixture.start("worker", &[])?;
        wait_for(&mut worker, "ready").await?;
        assert_eq!(drained(worker).await?, ["SIGTERM: asks for no other letter"]);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_second_sigterm_ends_a_worker_and_its_letter_is_delivered_again() {
    on_all(async |fixture| {
        fixture.publish(1).await?;
        let mut worker = fixture.start("worker", &["--takes-ms=60000"])?;
        wait_for(&mut worker, "takes").await?;
        worker.terminate()?;
        wait_for(&mut worker, "SIGTERM").await?;
        worker.terminate()?;
        assert_eq!(worker.wait().await?.code(), Some(143));
        let lines = fixture.deliver_the_rest().await?;
        assert!(lines.contains(&"takes letter-1, delivery 2".to_owned()), "{lines:?}");
        fixture.assert_all_delivered(1).await
    })
    .await;
}

#[tokio::test]
async fn a_worker_that_exceeds_its_grace_period_fails_and_its_letter_is_delivered_again()
{
    on_all(async |fixture| {
        fixture.publish(1).await?;
        let options = ["--takes-ms=60000", "--grace-ms=50"];
        let mut worker = fixture.start("worker", &options)?;
        wait_for(&mut worker, "takes").await?;
        worker.terminate()?;
        assert_eq!(worker.wait().await?.code(), Some(1));
        fixture.deliver_the_rest().await?;
        fixture.assert_all_delivered(1).await
    })
    .await;
}

/// Each worker is replaced three times while a publisher goes on. A letter that reaches a stopped worker only
/// after its short wait is delivered again, to another one. Each stop can cause one.
#[tokio::test]
async fn in_a_rolling_restart_every_letter_is_taken_by_one_worker() {
    const LETTERS: usize = 40;
    on_all(async |fixture| {
        fixture.ack_wait = LONG;
        let last = format!("--last={LETTERS}");
        let options = ["--first=1", &*last, "--pause-ms=4"];
        let mut publisher = fixture.start("publisher", &options)?;
        if fixture.workers() == 1 {
            publisher.wait().await?;
        }
        let lines = restart_all(fixture, LETTERS).await?;
        let taken: Vec<_> =
            lines.iter().filter(|line| line.starts_with("takes")).collect();
        assert_eq!(taken.len(), LETTERS, "{taken:?}");
        let again = taken.iter().filter(|line| !line.ends_with("delivery 1")).count();
        assert!(again <= 4 * fixture.workers(), "{taken:?}");
        fixture.assert_all_delivered(LETTERS).await
    })
    .await;
}

async fn restart_all(
    fixture: &Fixture<'_>,
    letters: usize,
) -> anyhow::Result<Vec<String>> {
    let start = || fixture.start("worker", &["--takes-ms=4"]);
    let mut workers: VecDeque<_> = VecDeque::new();
    for _ in 0..fixture.workers() {
        workers.push_back(start()?);
    }
    let mut all = Vec::new();
    for _ in 0..3 * workers.len() {
        let mut oldest = workers.pop_front().expect("a worker");
        wait_for(&mut oldest, "ready").await?;
        sleep(30.ms()).await;
        all.extend(drained(oldest).await?);
        workers.push_back(start()?);
    }
    let effects = fixture.open_effects().await?;
    while effects.list().await?.len() < letters {
        sleep(5.ms()).await;
    }
    effects.close().await;
    for worker in workers {
        all.extend(drained(worker).await?);
    }
    Ok(all)
}
