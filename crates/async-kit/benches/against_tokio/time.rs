//! A limit that does not expire, and a retry that is not needed, cost almost nothing.

use std::{
    future::{Ready, ready},
    hint::black_box,
    time::Duration,
};

use async_kit::{Backoff, Retry, TimeLimit};
use tokio::{task::yield_now, time::timeout};

use crate::harness::{Adds, Bench, Times, Under};

pub(crate) fn rows(bench: &mut Bench) {
    bench.row("within: ready immediately", within_ready, timeout_ready, Under(10.0));
    bench.row("within: ready at the second poll", within_late, timeout_late, Times(1.1));
    bench.row("retry: success at the first attempt", retry, direct, Adds(5.0));
    bench.row("retry: two failures, no delay", retry_twice, direct_thrice, Adds(50.0));
}

const LIMIT: Duration = Duration::from_secs(1);

fn immediately(item: u64) -> Ready<u64> {
    ready(black_box(item))
}

async fn within_ready(n: u64) {
    for item in 0..n {
        let _ = black_box(immediately(item).within(black_box(LIMIT)).await);
    }
}

async fn timeout_ready(n: u64) {
    for item in 0..n {
        let _ = black_box(timeout(black_box(LIMIT), immediately(item)).await);
    }
}

async fn within_late(n: u64) {
    for _ in 0..n {
        let _ = black_box(yield_now().within(black_box(LIMIT)).await);
    }
}

async fn timeout_late(n: u64) {
    for _ in 0..n {
        let _ = black_box(timeout(black_box(LIMIT), yield_now()).await);
    }
}

async fn fails(times: u64) -> Result<u64, u64> {
    let times = black_box(times);
    if times == 0 { Ok(times) } else { Err(times) }
}

async fn retry(n: u64) {
    let policy = Retry::new(Backoff::none());
    for _ in 0..n {
        let _ = black_box(policy.run(|| fails(0)).await);
    }
}

async fn direct(n: u64) {
    for _ in 0..n {
        let _ = black_box(fails(0).await);
    }
}

async fn retry_twice(n: u64) {
    let policy = Retry::new(Backoff::none());
    for _ in 0..n {
        let mut left = 3;
        let operation = || {
            left -= 1;
            fails(left)
        };
        let _ = black_box(policy.run(operation).await);
    }
}

async fn direct_thrice(n: u64) {
    for _ in 0..n {
        for left in [2, 1, 0] {
            let _ = black_box(fails(left).await);
        }
    }
}
