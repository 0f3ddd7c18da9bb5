//! A pool costs little more than the semaphore and the vector that it replaces.

use std::{
    convert::Infallible,
    hint::black_box,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_kit::{Manager, Pool};
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    task::{JoinSet, yield_now},
    time::Instant,
};

use crate::harness::{Bench, Times};

pub(crate) fn rows(bench: &mut Bench) {
    bench.row("pool: get and return, no limits", kit_without_limits, bare, Times(1.6));
    bench.row("pool: get and return, age and health checked", kit, bare, Times(1.6));
    let name = "pool: 3 under 100 tasks, health checked";
    bench.row(name, |n| share(unlimited(), n), bare_shared, Times(1.0));
    // Two limits read the clock twice, so the peer reads it twice too.
    let name = "pool: 3 under 100 tasks, age in both";
    bench.row(name, |n| share(limited(), n), aging_shared, Times(1.0));
    let name = "pool: 3 under 100 tasks, age in the kit";
    bench.row(name, |n| share(limited(), n), bare_shared, Times(1.0));
}

const CONNECTIONS: usize = 3;
const TASKS: u64 = 100;
const NEVER_IN_A_BENCH: Duration = Duration::from_secs(3600);

struct Numbers;

impl Manager for Numbers {
    type Connection = u64;
    type Error = Infallible;

    async fn connect(&self) -> Result<u64, Infallible> {
        Ok(0)
    }

    async fn is_healthy(&self, connection: &mut u64) -> bool {
        *black_box(connection) < u64::MAX
    }
}

fn limited() -> Pool<Numbers> {
    Pool::builder(Numbers)
        .max_size(CONNECTIONS)
        .max_lifetime(NEVER_IN_A_BENCH)
        .idle_timeout(NEVER_IN_A_BENCH)
        .build()
}

fn unlimited() -> Pool<Numbers> {
    Pool::builder(Numbers).max_size(CONNECTIONS).build()
}

async fn kit(n: u64) {
    use_pool(&limited(), n).await;
}

async fn kit_without_limits(n: u64) {
    use_pool(&unlimited(), n).await;
}

async fn use_pool(pool: &Pool<Numbers>, n: u64) {
    for _ in 0..n {
        *pool.acquire().await.expect("an open pool") += 1;
    }
}

async fn share(pool: Pool<Numbers>, n: u64) {
    let mut tasks = JoinSet::new();
    for _ in 0..TASKS {
        let pool = pool.clone();
        tasks.spawn(async move {
            for _ in 0..n.div_ceil(TASKS) {
                let mut connection = pool.acquire().await.expect("an open pool");
                // The other tasks run while the connection is in use. Otherwise no task would ever wait.
                yield_now().await;
                *connection += 1;
            }
        });
    }
    tasks.join_all().await;
}

/// A pool written without the kit: a semaphore and a vector.
struct Bare<C> {
    permits: Semaphore,
    idle: Mutex<Vec<C>>,
}

struct CheckedOut<'a, C> {
    bare: &'a Bare<C>,
    connection: Option<C>,
    _permit: SemaphorePermit<'a>,
}

impl<C: Clone> Bare<C> {
    fn new(connection: C) -> Self {
        Self {
            permits: Semaphore::new(CONNECTIONS),
            idle: Mutex::new(vec![connection; CONNECTIONS]),
        }
    }
}

impl<C> Bare<C> {
    async fn acquire(&self) -> CheckedOut<'_, C> {
        let permit = self.permits.acquire().await.expect("an open semaphore");
        let connection = self.idle.lock().expect("no panic").pop();
        CheckedOut { bare: self, connection, _permit: permit }
    }
}

impl<C> Drop for CheckedOut<'_, C> {
    fn drop(&mut self) {
        self.bare.idle.lock().expect("no panic").extend(self.connection.take());
    }
}

async fn bare(n: u64) {
    let bare = Bare::new(0);
    for _ in 0..n {
        *black_box(bare.acquire().await.connection.as_mut().expect("one is idle")) += 1;
    }
}

async fn bare_shared(n: u64) {
    let bare = Arc::new(Bare::new(0));
    let mut tasks = JoinSet::new();
    for _ in 0..TASKS {
        let bare = Arc::clone(&bare);
        tasks.spawn(async move {
            for _ in 0..n.div_ceil(TASKS) {
                let mut checked_out = bare.acquire().await;
                yield_now().await;
                *checked_out.connection.as_mut().expect("one is idle") += 1;
            }
        });
    }
    tasks.join_all().await;
}

/// Like [`bare_shared`], with the age of each connection.
async fn aging_shared(n: u64) {
    let bare = Arc::new(Bare::new((0, Instant::now())));
    let mut tasks = JoinSet::new();
    for _ in 0..TASKS {
        let bare = Arc::clone(&bare);
        tasks.spawn(async move {
            for _ in 0..n.div_ceil(TASKS) {
                let mut checked_out = bare.acquire().await;
                let (connection, since) =
                    checked_out.connection.as_mut().expect("one is idle");
                assert!(since.elapsed() < NEVER_IN_A_BENCH);
                yield_now().await;
                *connection += 1;
                *since = Instant::now();
            }
        });
    }
    tasks.join_all().await;
}
