//! The code is moved out at the start, and copied back after each digit: too late for an early cancel.
//! message: The digits that were read must stay in `Codes` until `#` comes, each of them once

use std::mem;

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
        let mut code = mem::take(&mut self.code);
        loop {
            match self.characters.next().await? {
                '#' => {
                    self.code.clear();
                    return Some(code);
                }
                digit => {
                    code.push(digit);
                    self.code = code.clone();
                }
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
