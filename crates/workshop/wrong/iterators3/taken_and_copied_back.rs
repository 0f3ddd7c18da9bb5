//! The code is moved out at the start, and copied back after each digit: too late for an early cancel.
//! message: The keys that were read stay in `Codes` until `#` comes, each of them once

use std::mem;

use async_kit::{Millis, exercise, say};
use futures::{
    StreamExt,
    stream::{self, BoxStream},
};
use tokio::time::{sleep, timeout};

/// The keys of a scanner, whose `next` is cancel safe: one every 10 ms, `#` ends a code.
type Keys = BoxStream<'static, char>;

fn keys() -> Keys {
    let press = |key| async move {
        sleep(10.ms()).await;
        key
    };
    stream::iter("417#58#".chars()).then(press).boxed()
}

struct Codes {
    keys: Keys,
    code: String,
}

impl Codes {
    fn new(keys: Keys) -> Self {
        Self { keys, code: String::new() }
    }

    async fn next(&mut self) -> Option<String> {
        let mut code = mem::take(&mut self.code);
        loop {
            match self.keys.next().await? {
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
    let mut codes = Codes::new(keys());
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
