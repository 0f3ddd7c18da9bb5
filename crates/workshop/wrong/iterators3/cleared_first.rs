//! The code is a field of `Codes`, and each call of `next` clears it.
//! message: The digits that were read must stay in `Codes` until `#` comes

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
    characters: Characters,
    code: String,
}

impl Codes {
    fn new(characters: Characters) -> Self {
        Self { characters, code: String::new() }
    }

    async fn next(&mut self) -> Option<String> {
        self.code.clear();
        loop {
            match self.characters.next().await? {
                '#' => return Some(self.code.clone()),
                digit => self.code.push(digit),
            }
        }
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
