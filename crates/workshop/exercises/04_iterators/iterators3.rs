//! iterators3 · 15 minutes · lose no digit when `next` is cancelled
//!
//! A barcode scanner sends one character at a time, and `next` joins the digits of a code. The
//! checkout of a shop waits at most 25 ms for a code; then it blinks and waits again. Run the
//! program: the scanner sends 417 and 58, and the checkout sells other codes. A `next` that is
//! cancelled must lose no digit, wherever it waits.
//!
//! Section: `cargo run -p iterators -- cancel_safe`. Code: crates/04-iterators/src/cancel_safe.rs.
//! Page: docs/src/04-iterators.md.

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
}

impl Codes {
    fn new(characters: Characters) -> Self {
        Self { characters }
    }

    // TODO: a `next` that is cancelled must lose no digit.
    async fn next(&mut self) -> Option<String> {
        let mut code = String::new();
        loop {
            match self.characters.next().await? {
                '#' => return Some(code),
                digit => code.push(digit),
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

#[cfg(test)]
mod tests {
    use async_kit::{Millis, exercise};
    use tokio::{sync::Mutex, time::timeout};

    use super::{Codes, characters, run};

    #[test]
    fn check_1_a_scanner_that_is_never_cancelled_yields_each_code_once() {
        let codes = async {
            let mut codes = Codes::new(characters());
            vec![codes.next().await, codes.next().await, codes.next().await]
        };
        exercise::observe(codes).returns(
            vec![Some("417".to_owned()), Some("58".to_owned()), None],
            "A code has all its digits, and nothing of the code before it. After the \
             last character, `next` returns `None`.",
        );
    }

    #[test]
    fn check_2_a_cancelled_next_loses_no_digit() {
        exercise::cancelled_everywhere(
            async || Mutex::new(Codes::new(characters())),
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
            "The digits that were read must stay in `Codes` until `#` comes, each of them \
             once: a cancel drops the variables of `next`.",
        );
    }

    #[test]
    fn check_3_the_checkout_sells_both_codes() {
        let run = exercise::observe(run());
        for (at, line) in [(40, "sells 417"), (70, "sells 58"), (70, "closes")] {
            run.prints_at(
                at.ms(),
                line,
                "The checkout sells each code when its `#` comes.",
            );
        }
    }
}
