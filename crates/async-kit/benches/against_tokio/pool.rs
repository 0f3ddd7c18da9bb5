//! A pool costs little more than the semaphore and the vector it replaces.

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
};

use crate::harness::{Bench, Times};

pub(crate) fn rows(bench: &mut Bench) {
    bench.row("pool: get and return, no limits", kit_without_limits, bare, Times(1.6));
    bench.row("pool: get and return, age and health checked", kit, bare, Times(1.6));
    let name = "pool: 3 under 100 tasks, no limits";
    bench.row(name, |n| share(unlimited(), n), bare_shared, Times(1.0));
    let name = "pool: 3 under 100 tasks, age and health checked";
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
                // The others come while it is lent, or nobody would ever wait.
                yield_now().await;
                *connection += 1;
            }
        });
    }
    tasks.join_all().await;
}

/// What one writes without a pool.
struct Bare {
    permits: Semaphore,
    idle: Mutex<Vec<u64>>,
}

struct Lent<'a> {
    bare: &'a Bare,
    connection: Option<u64>,
    _permit: SemaphorePermit<'a>,
}

impl Bare {
    fn new() -> Self {
        Self {
            permits: Semaphore::new(CONNECTIONS),
            idle: Mutex::new(vec![0; CONNECTIONS]),
        }
    }

    async fn acquire(&self) -> Lent<'_> {
        let permit = self.permits.acquire().await.expect("an open semaphore");
        let connection = self.idle.lock().expect("no panic").pop();
        Lent { bare: self, connection, _permit: permit }
    }
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        self.bare.idle.lock().expect("no panic").extend(self.connection);
    }
}

async fn bare(n: u64) {
    let bare = Bare::new();
    for _ in 0..n {
        *black_box(bare.acquire().await.connection.as_mut().expect("one is idle")) += 1;
    }
}

async fn bare_shared(n: u64) {
    let bare = Arc::new(Bare::new());
    let mut tasks = JoinSet::new();
    for _ in 0..TASKS {
        let bare = Arc::clone(&bare);
        tasks.spawn(async move {
            for _ in 0..n.div_ceil(TASKS) {
                let mut lent = bare.acquire().await;
                yield_now().await;
                *lent.connection.as_mut().expect("one is idle") += 1;
            }
        });
    }
    tasks.join_all().await;
}
