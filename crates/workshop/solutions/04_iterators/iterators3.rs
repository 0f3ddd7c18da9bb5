//! The keys of a code lie in the scanner, not in `next`. A cancel drops the variables of
//! `next`, and the next call continues with the keys that are there. `take` moves the code out
//! after the last await.

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
        loop {
            match self.keys.next().await? {
                '#' => return Some(mem::take(&mut self.code)),
                digit => self.code.push(digit),
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
