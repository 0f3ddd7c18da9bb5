//! `collect` keeps the digits in its own future, which the cancel drops.
//! message: The digits that were read must stay in `Codes` until `#` comes

use async_kit::{Millis, exercise, say};
use futures::{
    StreamExt,
    future::ready,
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
}

impl Codes {
    fn new(characters: Characters) -> Self {
        Self { characters }
    }

    async fn next(&mut self) -> Option<String> {
        let digits =
            self.characters.by_ref().take_while(|character| ready(*character != '#'));
        let code = digits.collect::<String>().await;
        (!code.is_empty()).then_some(code)
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
