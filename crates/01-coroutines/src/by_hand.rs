//! An async fn is a state machine with one method, `poll`, and you could write it yourself.
//!
//! Python calls a coroutine's `send` and gets something back whenever it pauses; Rust calls a
//! future's `poll` and gets `Pending`. In both, the local variables that live across the pause are
//! kept inside the object. The two futures below say the same lines at the same times.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use async_kit::{Lane, Millis, say};
use tokio::time::{Sleep, sleep};

/// The same coroutine twice: written by the compiler, and written by hand.
pub(crate) async fn run() -> anyhow::Result<()> {
    let (one, two) = (
        tokio::spawn(by_compiler().lane("by compiler")),
        tokio::spawn(ByHand::Unstarted.lane("by hand")),
    );
    say!("they return {:?} and {:?}", one.await?, two.await?);
    Ok(())
}

// ANCHOR: by_compiler
async fn by_compiler() -> &'static str {
    say!("starts");
    sleep(100.ms()).await;
    say!("goes on");
    "done"
}
// ANCHOR_END: by_compiler

// ANCHOR: by_hand
enum ByHand {
    Unstarted,
    // Boxed, because a timer must not move once it has been polled.
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
                    // Returns `Pending` from here; the timer keeps the waker and will use it.
                    ready!(timer.as_mut().poll(cx));
                    say!("goes on");
                    *self = Self::Finished;
                    return Poll::Ready("done");
                }
                Self::Finished => panic!("a future is not polled after it was ready"),
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
    fn both_say_the_same_at_the_same_times_and_return_the_same() {
        virtual_time(async {
            let (compiled, one) = Transcript::with_output(by_compiler()).await;
            let (by_hand, two) = Transcript::with_output(ByHand::Unstarted).await;
            assert_eq!(compiled.to_string(), by_hand.to_string());
            assert_eq!((one, two), ("done", "done"));
            by_hand.assert_at(100.ms(), "goes on");
        });
    }
}
