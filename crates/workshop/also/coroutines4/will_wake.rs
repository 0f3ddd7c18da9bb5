//! The waker is replaced only if it would not wake this task.

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
            None => {
                let known = |waker: &Waker| waker.will_wake(cx.waker());
                if !locker.waiting.as_ref().is_some_and(known) {
                    locker.waiting = Some(cx.waker().clone());
                }
                Poll::Pending
            }
        }
    }
}

fn deliver(locker: &Mutex<Locker>, parcel: &'static str) {
    let waiting = {
        let mut locker = locker.lock().unwrap();
        locker.parcel = Some(parcel);
        locker.waiting.take()
    };
    if let Some(waker) = waiting {
        waker.wake();
    }
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
