//! The tester catches a pattern that is broken on purpose, and names the cut that shows it.

use std::{
    collections::VecDeque,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex},
};

use async_kit::{Millis, cancel_at_every_await};
use tokio::{
    sync::{Notify, oneshot},
    time::{sleep, timeout},
};

/// Hands each item straight to the first waiter, and forgets it if that waiter has gone.
#[derive(Default)]
struct HandOver {
    waiters: Mutex<VecDeque<oneshot::Sender<&'static str>>>,
    items: Mutex<VecDeque<&'static str>>,
    came: Notify,
}

impl HandOver {
    fn give(&self, item: &'static str) {
        match self.waiters.lock().unwrap().pop_front() {
            // The mistake: a waiter that was woken and then dropped takes the item with it.
            Some(waiter) => drop(waiter.send(item)),
            None => self.items.lock().unwrap().push_back(item),
        }
        self.came.notify_one();
    }

    async fn take(&self) -> Option<&'static str> {
        if let Some(item) = self.items.lock().unwrap().pop_front() {
            return Some(item);
        }
        let (sender, item) = oneshot::channel();
        self.waiters.lock().unwrap().push_back(sender);
        item.await.ok()
    }
}

#[test]
fn a_hand_over_that_loses_an_item_is_caught() {
    let tested = || {
        cancel_at_every_await(
            async || {
                let queue = Arc::new(HandOver::default());
                let giver = Arc::clone(&queue);
                tokio::spawn(async move {
                    sleep(10.ms()).await;
                    giver.give("item");
                });
                queue
            },
            async |queue| queue.take().await,
            async |queue, cut| {
                let item = timeout(1.secs(), queue.take()).await;
                assert_eq!(item, Ok(Some("item")), "{cut}");
            },
        )
    };
    let panic = catch_unwind(AssertUnwindSafe(tested)).expect_err("the loss goes unseen");
    let text = panic.downcast_ref::<String>().map(String::as_str).unwrap_or_default();
    assert!(text.contains("dropped while waiting") || text.contains("woken"), "{text}");
}
