//! coroutines4 · 15 minutes · wake a future that you poll by hand
//!
//! `Arrival` is a future: it completes when the courier has put a parcel into the locker. Its `poll`
//! returns the parcel if there is one. But the customer learns of the parcel only when the timeout
//! polls the future for the last time, after a second. Let the delivery wake the customer, and let no
//! poll happen in between. `Locker` has a slot for a waker; `cx.waker()` is the waker of this poll.
//!
//! Section: `cargo run -p coroutines -- executor`. Code: crates/01-coroutines/src/executor.rs.
//! Page: docs/src/01-coroutines.md.

use std::{
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll, Waker},
};

use async_kit::{Lane, Millis, exercise};
use tokio::time::{sleep, timeout};

impl Future for Arrival {
    type Output = &'static str;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<&'static str> {
        let mut locker = self.0.lock().unwrap();
        locker.polls += 1;
        match locker.parcel.take() {
            Some(parcel) => Poll::Ready(parcel),
            // TODO: what must the future leave behind before it returns `Pending`?
            None => Poll::Pending,
        }
    }
}

fn deliver(locker: &Mutex<Locker>, parcel: &'static str) {
    // TODO: a parcel in the locker polls no future.
    locker.lock().unwrap().parcel = Some(parcel);
}

// What follows does not change.

#[derive(Default)]
struct Locker {
    parcel: Option<&'static str>,
    waiting: Option<Waker>,
    polls: u32,
}

struct Arrival(Arc<Mutex<Locker>>);

/// The courier delivers after 50 ms, while one customer waits.
async fn morning() -> (&'static str, u32) {
    let locker = Arc::<Mutex<Locker>>::default();
    let customer = timeout(1000.ms(), Arrival(locker.clone())).lane("customer");
    let customer = tokio::spawn(customer);
    sleep(50.ms()).await;
    deliver(&locker, "books");
    let parcel = customer.await.expect("no panic").expect("the parcel has arrived");
    (parcel, locker.lock().unwrap().polls)
}

/// The customer waits for 20 ms. Then a neighbour waits for the same arrival, in another task.
async fn evening() -> &'static str {
    let locker = Arc::<Mutex<Locker>>::default();
    let mut arrival = Arrival(locker.clone());
    let _ = timeout(20.ms(), &mut arrival).lane("customer").await;
    let neighbour = tokio::spawn(timeout(1000.ms(), arrival).lane("neighbour"));
    sleep(30.ms()).await;
    deliver(&locker, "lamp");
    neighbour.await.expect("no panic").expect("the parcel has arrived")
}

fn main() {
    exercise::show(async { (morning().await, evening().await) });
}

#[cfg(test)]
mod tests {
    use std::{
        pin::Pin,
        sync::{
            Arc, Mutex,
            atomic::{AtomicBool, Ordering::Relaxed},
        },
        task::{Context, Wake, Waker},
    };

    use async_kit::{Millis, exercise};

    use super::{Arrival, Locker, deliver, evening, morning};

    #[test]
    fn check_1_the_delivery_wakes_the_customer_and_nothing_else_does() {
        let run = exercise::observe_or(
            morning(),
            "`poll` wakes its own task, so the runtime polls it again immediately, without end. Only \
             `deliver` wakes it.",
        );
        run.takes(
            50.ms(),
            "The parcel lies in the locker, and the task of the customer is not polled. `poll` must \
             store the waker, and `deliver` must wake it.",
        );
        let polls = run.output().1;
        run.require(
            polls == 2,
            format!("the future was polled {polls} times"),
            "2 polls: the first one, and one after the delivery",
            "Something wakes the task before the parcel is there.",
        );
    }

    #[test]
    fn check_3_the_woken_task_finds_the_parcel() {
        /// It looks into the locker when it is woken, as a task on another thread may do.
        struct Looks(Arc<Mutex<Locker>>, AtomicBool);
        impl Wake for Looks {
            fn wake(self: Arc<Self>) {
                // While `deliver` holds the lock, the other thread would wait for it.
                let is_empty = self.0.try_lock().is_ok_and(|it| it.parcel.is_none());
                self.1.store(is_empty, Relaxed);
            }
        }
        let run = exercise::observe(async {
            let locker = Arc::<Mutex<Locker>>::default();
            let looks = Arc::new(Looks(locker.clone(), AtomicBool::new(false)));
            let mut arrival = Arrival(locker.clone());
            let waker = Waker::from(looks.clone());
            let _ = Pin::new(&mut arrival).poll(&mut Context::from_waker(&waker));
            deliver(&locker, "key");
            looks.1.load(Relaxed)
        });
        run.require(
            !run.output(),
            "the customer was woken, and the locker was empty",
            "the parcel is in the locker before the customer is woken",
            "On another thread the woken task may run before the next line of `deliver`. It would \
             find nothing, and wait forever.",
        );
    }

    #[test]
    fn check_2_a_future_that_moves_to_another_task_wakes_that_task() {
        exercise::observe(evening()).takes(
            50.ms(),
            "The neighbour is not woken. Each poll may come from another task: store the waker of \
             the latest poll, not of the first.",
        );
    }
}
