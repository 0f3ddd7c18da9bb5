//! A keyed effect happens once, also if two workers begin it at the same time.

use async_kit::{Millis, TimeLimit};
use distributed::Effects;

use crate::fixture::on_all;

#[tokio::test]
async fn the_second_of_two_workers_waits_for_the_first_one_and_writes_nothing() {
    on_all(async |fixture| {
        fixture.publish(0).await?;
        let (first, second) =
            (fixture.open_effects().await?, fixture.open_effects().await?);
        let mut effect = first.keyed("letter-1").await?.expect("it is the first");
        Effects::write(&mut effect, "letter-1").await?;
        let waiting = tokio::spawn(async move {
            let begun = second.keyed("letter-1").await?.is_some();
            second.close().await;
            anyhow::Ok(begun)
        });
        assert!(fixture.effects().await?.is_empty(), "it is not committed");
        effect.commit().await?;
        assert!(!waiting.await??, "it has begun a second effect");
        assert_eq!(fixture.effects().await?, ["letter-1"]);
        first.close().await;
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn an_effect_that_was_begun_and_not_committed_can_begin_again() {
    on_all(async |fixture| {
        fixture.publish(0).await?;
        let effects = fixture.open_effects().await?;
        let mut effect = effects.keyed("letter-1").await?.expect("it is the first");
        Effects::write(&mut effect, "letter-1").await?;
        drop(effect);
        let again = effects.keyed("letter-1").within(30.secs()).await??;
        let mut effect = again.expect("the first was rolled back");
        Effects::write(&mut effect, "letter-1").await?;
        effect.commit().await?;
        assert!(effects.keyed("letter-1").await?.is_none(), "it has happened");
        assert_eq!(effects.list().await?, ["letter-1"]);
        effects.close().await;
        Ok(())
    })
    .await;
}
