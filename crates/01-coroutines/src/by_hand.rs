//! An async fn is a state machine with one method, `poll`, which you could write yourself.
//!
//! asyncio's loop calls the method `send` of a coroutine, which returns when the coroutine pauses. A
//! Rust runtime calls the method `poll` of a future, which returns `Pending`. In both languages the
//! object keeps the local variables that are used after the pause. The two futures below print the
//! same lines at the same times.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use async_kit::{Lane, Millis, say};
use tokio::time::{Sleep, sleep};

/// The same state machine twice: once written by the compiler, once by hand.
pub(crate) async fn run() -> anyhow::Result<()> {
    let (one, two) = (
        tokio::spawn(by_compiler().lane("compiled future")),
        tokio::spawn(ByHand::Unstarted.lane("handwritten future")),
    );
    say!("they return {:?} and {:?}", one.await?, two.await?);
    Ok(())
}

// ANCHOR: by_compiler
async fn by_compiler() -> &'static str {
    say!("starts");
    sleep(100.ms()).await;
    say!("continues");
    "done"
}
// ANCHOR_END: by_compiler

// ANCHOR: by_hand
enum ByHand {
    Unstarted,
    // The timer is boxed, because it must not move in memory after its first poll.
    Waiting(Pin<Box<Sleep>>),
    Finished,
}

impl Future for ByHand {
    type Output = &'static str;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<&'static str> {
        loop {
            match &mut *self {
                Self::Unstarted => {
                    say!("starts");
                    *self = Self::Waiting(Box::pin(sleep(100.ms())));
                }
                Self::Waiting(timer) => {
                    // `ready!` returns `Pending` from `poll` while the timer runs. The timer keeps
                    // the waker and calls it when it ends.
                    ready!(timer.as_mut().poll(cx));
                    say!("continues");
                    *self = Self::Finished;
                    return Poll::Ready("done");
                }
                Self::Finished => panic!("the future was polled after it returned Ready"),
            }
        }
    }
}
// ANCHOR_END: by_hand

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    #[test]
    fn both_futures_print_the_same_lines_and_return_the_same_value() {
        virtual_time(async {
            let (compiled, one) = Transcript::with_output(by_compiler()).await;
            let (by_hand, two) = Transcript::with_output(ByHand::Unstarted).await;
            assert_eq!(compiled.to_string(), by_hand.to_string());
            assert_eq!((one, two), ("done", "done"));
            by_hand.assert_at(100.ms(), "continues");
        });
    }
}
