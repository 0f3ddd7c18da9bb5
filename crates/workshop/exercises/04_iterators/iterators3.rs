//! iterators3 · 15 minutes · lose no digit when `next` is cancelled
//!
//! A barcode scanner sends one key at a time, and `next` puts the keys of a code together. The
//! till waits at most 25 ms for a code; then it blinks and waits again. Run the program: the
//! scanner sends 417 and 58, and the till sells other things. A `next` that is cancelled must
//! lose no key, wherever it waits.
//!
//! Section: `cargo run -p iterators -- cancel_safe`. Code: crates/04-iterators/src/cancel_safe.rs.
//! Page: docs/src/04-iterators.md.

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
}

impl Codes {
    fn new(keys: Keys) -> Self {
        Self { keys }
    }

    // TODO: a `next` that is cancelled must lose no key.
    async fn next(&mut self) -> Option<String> {
        let mut code = String::new();
        loop {
            match self.keys.next().await? {
                '#' => return Some(code),
                digit => code.push(digit),
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

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::Mutex;

    #[test]
    fn a_scanner_that_is_never_cancelled_yields_each_code_once() {
        let codes = async {
            let mut codes = Codes::new(keys());
            vec![codes.next().await, codes.next().await, codes.next().await]
        };
        exercise::observe(codes).returns(
            vec![Some("417".to_owned()), Some("58".to_owned()), None],
            "A code has all its digits, and nothing of the code before it. After the \
             last key, `next` returns `None`.",
        );
    }

    #[test]
    fn a_cancelled_next_loses_no_key() {
        exercise::cancelled_everywhere(
            async || Mutex::new(Codes::new(keys())),
            async |codes| codes.lock().await.next().await,
            async |codes| {
                let (mut codes, mut seen) = (codes.lock().await, Vec::new());
                // Two more calls are cancelled, and the others are not.
                for limit in [1, 1, 100, 100] {
                    let next = timeout(limit.ms(), codes.next()).await;
                    seen.extend(next.ok().flatten());
                }
                match &seen[..] {
                    [first, second] if first == "417" && second == "58" => Ok(()),
                    _ => Err(format!("then the codes are {seen:?}, not 417 and 58")),
                }
            },
            "The keys that were read stay in `Codes` until `#` comes, each of them once: \
             a cancel drops the variables of `next`.",
        );
    }

    #[test]
    fn the_till_sells_both_codes() {
        let run = exercise::observe(run());
        for (at, line) in [(40, "sells 417"), (70, "sells 58"), (70, "closes")] {
            run.prints_at(at.ms(), line, "The till sells each code when its `#` comes.");
        }
    }
}
