//! A task reads the characters, and `next` receives whole codes, so that a cancel meets no half code.

use tokio::sync::mpsc;

use async_kit::{Millis, exercise, say};
use futures::{
    StreamExt,
    stream::{self, BoxStream},
};
use tokio::time::{sleep, timeout};

/// The characters of a scanner, whose `next` is cancel safe: one every 10 ms, `#` ends a code.
type Characters = BoxStream<'static, char>;

fn characters() -> Characters {
    let scan = |character| async move {
        sleep(10.ms()).await;
        character
    };
    stream::iter("417#58#".chars()).then(scan).boxed()
}

struct Codes {
    codes: mpsc::Receiver<String>,
}

impl Codes {
    fn new(mut characters: Characters) -> Self {
        let (send, codes) = mpsc::channel(1);
        tokio::spawn(async move {
            let mut code = String::new();
            while let Some(character) = characters.next().await {
                match character {
                    '#' => send.send(std::mem::take(&mut code)).await.unwrap_or_default(),
                    digit => code.push(digit),
                }
            }
        });
        Self { codes }
    }

    async fn next(&mut self) -> Option<String> {
        self.codes.recv().await
    }
}

async fn run() {
    let mut codes = Codes::new(characters());
    loop {
        match timeout(25.ms(), codes.next()).await {
            Ok(Some(code)) => say!("sells {code}"),
            Ok(None) => break say!("closes"),
            Err(_) => say!("blinks"),
        }
    }
}

fn main() {
    exercise::show(run());
}
