//! `collect` keeps the keys in its own future, which the cancel drops.
//! message: The keys that were read stay in `Codes` until `#` comes

use async_kit::{Millis, exercise, say};
use futures::{
    StreamExt,
    future::ready,
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
}

impl Codes {
    fn new(keys: Keys) -> Self {
        Self { keys }
    }

    async fn next(&mut self) -> Option<String> {
        let digits = self.keys.by_ref().take_while(|key| ready(*key != '#'));
        let code = digits.collect::<String>().await;
        (!code.is_empty()).then_some(code)
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
