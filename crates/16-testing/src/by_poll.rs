//! A test can poll a future by hand and assert whether something has woken it.
//!
//! asyncio: `coroutine.send(None)` runs a coroutine to its next wait and returns the future that it
//! waits for, which is done or not. Tokio: `tokio_test::task::spawn` gives a future a counting waker.
//! There is no runtime, clock or other task that could hide what woke a future. You need this if you
//! write a lock, a queue or a future by hand.

use async_kit::say;
use tokio::sync::Semaphore;
use tokio_test::{assert_pending, assert_ready, task};

/// Two futures wait for one permit. The first receives it and is dropped.
pub(crate) async fn run() -> anyhow::Result<()> {
    // ANCHOR: by_poll
    let permits = Semaphore::new(0);
    let mut first = task::spawn(permits.acquire());
    let mut second = task::spawn(permits.acquire());
    assert_pending!(first.poll());
    assert_pending!(second.poll());
    assert!(!first.is_woken() && !second.is_woken());
    say!("both futures wait, and neither is woken");

    permits.add_permits(1);
    assert!(first.is_woken() && !second.is_woken());
    say!("a permit is added: the first is woken");

    drop(first);
    assert!(second.is_woken());
    say!("the first is dropped: the second is woken");

    let permit = assert_ready!(second.poll())?;
    say!("the second has the permit");
    // ANCHOR_END: by_poll
    drop(permit);
    Ok(())
}

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};
    use tokio::sync::{mpsc, oneshot};
    use tokio_test::{assert_ready_eq, assert_ready_err};

    use super::*;

    #[test]
    fn dropping_a_woken_waiter_wakes_the_next_one() {
        virtual_time(Transcript::of(run())).assert_lines([
            "[  0.000s] both futures wait, and neither is woken",
            "[  0.000s] a permit is added: the first is woken",
            "[  0.000s] the first is dropped: the second is woken",
            "[  0.000s] the second has the permit",
        ]);
    }

    // ANCHOR: tests
    /// A plain test, without a runtime.
    #[test]
    fn a_receiver_is_woken_by_an_item_and_not_earlier() {
        let (sender, mut queue) = mpsc::unbounded_channel();
        let mut receive = task::spawn(queue.recv());
        assert_pending!(receive.poll());
        assert!(!receive.is_woken());
        sender.send(7).unwrap();
        assert!(receive.is_woken());
        assert_ready_eq!(receive.poll(), Some(7));
    }

    #[test]
    fn a_dropped_sender_wakes_its_receiver_with_an_error() {
        let (sender, answer) = oneshot::channel::<u8>();
        let mut answer = task::spawn(answer);
        assert_pending!(answer.poll());
        drop(sender);
        assert!(answer.is_woken());
        assert_ready_err!(answer.poll());
    }
    // ANCHOR_END: tests
}
