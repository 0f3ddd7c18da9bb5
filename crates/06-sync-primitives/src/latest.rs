//! A watch channel keeps only the latest value, so a slow reader skips outdated values.
//!
//! asyncio has no such type: use a `Condition` and a version number. Tokio: `watch`. The writer
//! never waits, a reader never sees the same version twice, and the last version is never lost.

use std::time::Duration;

use async_kit::{Lane, Millis, ask, knob, say};
use tokio::{sync::watch, time::sleep};

/// A setting changes every 50 ms, and applying it takes 120 ms.
pub(crate) async fn run() -> anyhow::Result<()> {
    let apply = knob("apply", 120.ms(), 1.ms()..=1000.ms());
    ask("apply=300ms", "which versions does the reader apply?");
    publish_and_follow(apply).await
}

// ANCHOR: latest
async fn publish_and_follow(apply: Duration) -> anyhow::Result<()> {
    let (versions, latest) = watch::channel(0);
    let writer = tokio::spawn(publish(versions).lane("writer"));
    let reader = tokio::spawn(follow(latest, apply).lane("reader"));
    writer.await?;
    Ok(reader.await?)
}

async fn publish(versions: watch::Sender<u32>) {
    for version in 1..=5 {
        sleep(50.ms()).await;
        say!("publishes version {version}");
        versions.send_replace(version);
    }
}

async fn follow(mut latest: watch::Receiver<u32>, apply: Duration) {
    // `changed` fails once the writer is gone and the last version has been seen.
    while latest.changed().await.is_ok() {
        // The version is copied: a borrow held across the sleep would block the writer's thread.
        let version = *latest.borrow_and_update();
        sleep(apply).step("applying").await;
        say!("has applied version {version}");
    }
}
// ANCHOR_END: latest

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    #[test]
    fn a_slow_reader_skips_versions_and_ends_with_the_last() {
        virtual_time(async {
            let seen = Transcript::of(publish_and_follow(120.ms())).await;
            seen.assert_at(170.ms(), "reader has applied version 1");
            seen.assert_at(290.ms(), "reader has applied version 3");
            seen.assert_at(410.ms(), "reader has applied version 5");
            assert!(!seen.to_string().contains("applied version 2"), "{seen}");
        });
    }

    #[test]
    fn a_reader_of_any_speed_applies_the_last_version() {
        for apply in [1, 49, 333, 1000] {
            virtual_time(async move {
                let seen = Transcript::of(publish_and_follow(apply.ms())).await;
                assert!(seen.to_string().ends_with("has applied version 5\n"), "{seen}");
            });
        }
    }
}
