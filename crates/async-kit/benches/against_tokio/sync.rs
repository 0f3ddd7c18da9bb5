//! A condition, an event and a wait queue cost as much as their parts.

use std::{
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Waker},
};

use async_kit::{Condition, Event, PriorityQueue};
use tokio::{
    sync::{Mutex, Notify, Semaphore},
    task::{JoinSet, yield_now},
};

use crate::harness::{Bench, Times};

pub(crate) fn rows(bench: &mut Bench) {
    bench.row("condition: ping-pong", condition, mutex_and_notify, Times(1.0));
    bench.row("event: 1,000 waiters", event, flag_and_notify, Times(1.1));
    let name = "waiters: 10,000 leave in random order";
    bench.row(name, impatient_acquires, impatient_semaphore, Times(2.0));
}

/// Two tasks that alternate: each waits until the other has incremented the value.
async fn condition(n: u64) {
    let turn = Arc::new(Condition::new(0));
    let play = |parity| {
        let turn = Arc::clone(&turn);
        async move {
            for _ in 0..n {
                let guard = turn.lock().await;
                let mut guard = guard.wait_while(|turn| *turn % 2 != parity).await;
                *guard += 1;
                drop(guard);
                turn.notify_one();
            }
        }
    };
    let pong = tokio::spawn(play(1));
    play(0).await;
    pong.await.expect("no panic");
}

/// The same program without the kit. It is correct only if no task is ever cancelled.
async fn mutex_and_notify(n: u64) {
    let shared = Arc::new((Mutex::new(0), Notify::new()));
    let play = |parity| {
        let shared = Arc::clone(&shared);
        async move {
            let (turn, changed) = &*shared;
            for _ in 0..n {
                let mut guard = turn.lock().await;
                while *guard % 2 != parity {
                    let mut notified = pin!(changed.notified());
                    // `enable` joins the wait queue before the lock is released. Otherwise the other
                    // task could take its own notification, and both would wait forever.
                    if notified.as_mut().enable() {
                        continue;
                    }
                    drop(guard);
                    notified.await;
                    guard = turn.lock().await;
                }
                *guard += 1;
                drop(guard);
                changed.notify_one();
            }
        }
    };
    let pong = tokio::spawn(play(1));
    play(0).await;
    pong.await.expect("no panic");
}

const WAITERS: u64 = 1000;

/// One operation is one waiter, from its `wait` until it proceeds.
async fn event(n: u64) {
    for _ in 0..n.div_ceil(WAITERS) {
        let event = Arc::new(Event::new());
        let mut waiters = JoinSet::new();
        for _ in 0..WAITERS {
            let event = Arc::clone(&event);
            waiters.spawn(async move { event.wait().await });
        }
        yield_now().await;
        event.set();
        waiters.join_all().await;
    }
}

async fn flag_and_notify(n: u64) {
    for _ in 0..n.div_ceil(WAITERS) {
        let shared = Arc::new((AtomicBool::new(false), Notify::new()));
        let mut waiters = JoinSet::new();
        for _ in 0..WAITERS {
            let shared = Arc::clone(&shared);
            waiters.spawn(async move {
                let changed = shared.1.notified();
                if !shared.0.load(Ordering::Acquire) {
                    changed.await;
                }
            });
        }
        yield_now().await;
        shared.0.store(true, Ordering::Release);
        shared.1.notify_waiters();
        waiters.join_all().await;
    }
}

const QUEUED: u64 = 10_000;

/// Waiters that leave the wait queue in random order, as callers with different time limits do.
async fn impatient_acquires(n: u64) {
    for _ in 0..n.div_ceil(QUEUED) {
        let queue = PriorityQueue::<u8, u8>::bounded(1);
        leave_in_random_order((0..QUEUED).map(|_| queue.pop()).collect());
    }
}

async fn impatient_semaphore(n: u64) {
    for _ in 0..n.div_ceil(QUEUED) {
        let semaphore = Semaphore::new(0);
        leave_in_random_order((0..QUEUED).map(|_| semaphore.acquire()).collect());
    }
}

fn leave_in_random_order<F: Future>(waiting: Vec<F>) {
    let mut waiting: Vec<_> =
        waiting.into_iter().map(|waiter| Box::pin(waiter)).collect();
    let mut cx = Context::from_waker(Waker::noop());
    for waiter in &mut waiting {
        assert!(waiter.as_mut().poll(&mut cx).is_pending());
    }
    fastrand::Rng::with_seed(7).shuffle(&mut waiting);
}
