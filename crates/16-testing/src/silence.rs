//! That something does not happen can be asserted, because a test owns the time in which it might.
//!
//! asyncio: the test waits a while for real and hopes that this was long enough to be sure. Tokio:
//! with a paused clock it goes to just before the moment, looks, and to just after it, and looks
//! again. What never happens at all is seen when the run has ended and the list of what did happen
//! is complete.

use std::time::Duration;

use async_kit::{Lane, Millis, knob, say};
use tokio::{
    sync::mpsc,
    time::{sleep, timeout},
};

/// Three keys come 30 ms apart and then, after a rest, a fourth. A text is saved when it is quiet.
pub(crate) async fn run() -> anyhow::Result<()> {
    let quiet = knob("quiet", 50.ms(), 5.ms()..=500.ms());
    let (keys, typed) = mpsc::channel(10);
    let save = |text: String| say!("saves {text:?}");
    let saver = tokio::spawn(save_when_quiet(typed, quiet, save).lane("saver"));
    let typist = tokio::spawn(type_keys(keys).try_lane("typist"));
    typist.await??;
    saver.await?;
    Ok(())
}

async fn type_keys(keys: mpsc::Sender<char>) -> anyhow::Result<()> {
    for (key, pause) in [('a', 30), ('b', 30), ('c', 200), ('d', 0)] {
        say!("presses {key}");
        keys.send(key).await?;
        sleep(pause.ms()).await;
    }
    Ok(())
}

// ANCHOR: silence
async fn save_when_quiet(
    mut keys: mpsc::Receiver<char>,
    quiet: Duration,
    mut save: impl FnMut(String),
) {
    while let Some(key) = keys.recv().await {
        let mut text = String::from(key);
        while let Ok(Some(key)) =
            timeout(quiet, keys.recv()).step("waiting for quiet").await
        {
            text.push(key);
        }
        save(text);
    }
}
// ANCHOR_END: silence

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    // ANCHOR: tests
    #[test]
    fn nothing_is_saved_before_it_was_quiet_for_50_ms() {
        virtual_time(async {
            let (keys, typed) = mpsc::channel(10);
            let (saves, mut saved) = mpsc::unbounded_channel();
            let save = move |text| saves.send(text).expect("the test listens");
            tokio::spawn(save_when_quiet(typed, 50.ms(), save));
            keys.send('a').await.unwrap();
            sleep(49.ms()).await;
            assert!(saved.is_empty(), "{:?}", saved.try_recv());
            // Not to 50 ms: which of two goes first in one tick is no promise.
            sleep(2.ms()).await;
            assert_eq!(saved.try_recv().as_deref(), Ok("a"));
        });
    }

    /// ```text
    /// 0     30    60    90    110             260
    /// a     b     c           abc             d      nothing else, to the end of the run
    /// ```
    #[test]
    fn three_keys_are_saved_once_and_nothing_else_ever_is() {
        let seen = virtual_time(Transcript::of(run()));
        let saves = seen.lines().iter().filter(|line| line.text.starts_with("saves"));
        let saves: Vec<_> = saves.map(ToString::to_string).collect();
        let wanted = ["[  0.110s] saver saves \"abc\"", "[  0.260s] saver saves \"d\""];
        assert_eq!(saves, wanted, "{seen}");
    }
    // ANCHOR_END: tests
}
