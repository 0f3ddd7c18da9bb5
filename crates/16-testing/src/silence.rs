//! With a virtual clock a test can assert that something does not happen.
//!
//! asyncio: the test waits in real time and assumes that it waited long enough. Tokio: with a paused
//! clock it checks just before the moment and again just after it. To assert that something never
//! happens, it compares the complete list of events when the run has ended.

use std::time::Duration;

use async_kit::{Lane, Millis, ask, knob, say};
use tokio::{
    sync::mpsc,
    time::{sleep, timeout},
};

/// Three keys are pressed 30 ms apart, and a fourth key 200 ms later. A pause in typing saves the
/// text.
pub(crate) async fn run() -> anyhow::Result<()> {
    let quiet = knob("quiet", 50.ms(), 5.ms()..=500.ms());
    ask("quiet=10ms", "how many texts are saved?");
    let (keys, pressed) = mpsc::channel(10);
    let save = |text: String| say!("saves {text:?}");
    let saver = tokio::spawn(save_when_quiet(pressed, quiet, save).lane("saver"));
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
    fn a_text_is_saved_only_after_50_ms_without_a_key() {
        virtual_time(async {
            let (keys, pressed) = mpsc::channel(10);
            let (saves, mut saved) = mpsc::unbounded_channel();
            let save = move |text| saves.send(text).expect("the test keeps the receiver");
            tokio::spawn(save_when_quiet(pressed, 50.ms(), save));
            keys.send('a').await.unwrap();
            sleep(49.ms()).await;
            assert!(saved.is_empty(), "{:?}", saved.try_recv());
            // The test skips exactly 50 ms: the order of two tasks within a tick is not guaranteed.
            sleep(2.ms()).await;
            assert_eq!(saved.try_recv().as_deref(), Ok("a"));
        });
    }

    /// ```text
    /// 0     30    60    90    110             260
    /// a     b     c           abc             d      nothing else until the run ends
    /// ```
    #[test]
    fn exactly_two_texts_are_saved() {
        let seen = virtual_time(Transcript::of(run()));
        let saves = seen.lines().iter().filter(|line| line.text.starts_with("saves"));
        let saves: Vec<_> = saves.map(ToString::to_string).collect();
        let expected = ["[  0.110s] saver saves \"abc\"", "[  0.260s] saver saves \"d\""];
        assert_eq!(saves, expected, "{seen}");
    }
    // ANCHOR_END: tests
}
