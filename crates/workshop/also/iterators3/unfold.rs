//! A stream of codes: `unfold` keeps its future in the stream, so a cancelled `next` does not
//! drop it.

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
    codes: BoxStream<'static, String>,
}

impl Codes {
    fn new(characters: Characters) -> Self {
        let codes = stream::unfold(characters, |mut characters| async move {
            let mut code = String::new();
            loop {
                match characters.next().await? {
                    '#' => return Some((code, characters)),
                    digit => code.push(digit),
                }
            }
        });
        Self { codes: codes.boxed() }
    }

    async fn next(&mut self) -> Option<String> {
        self.codes.next().await
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
