//! A pool serves tasks in FIFO order within its limit, and leaks no permit and no connection.

use std::{
    future::pending,
    io,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    },
    task::Poll,
    time::Duration,
};

use async_kit::{
    Manager, Millis, Pool,
    pool::{AcquireError, Builder, Status},
};
use futures::future::join_all;
use tokio::{
    task::{JoinSet, yield_now},
    time::{Instant, sleep, timeout},
};

use crate::{last_instant::until_the_last_instant, manual_task::poll_once};

/// Counts its connections. Opening and closing take 50 ms each, a health check 10 ms.
#[derive(Clone, Default)]
struct TestManager(Arc<Counts>);

#[derive(Default)]
struct Counts {
    opened: AtomicUsize,
    open: AtomicUsize,
    peak: AtomicUsize,
    closed: AtomicUsize,
    leaked: AtomicUsize,
    refuses: AtomicBool,
    unhealthy: AtomicBool,
    panics: AtomicBool,
    hangs: AtomicBool,
}

struct Connection {
    id: usize,
    closed: bool,
    counts: Arc<Counts>,
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.counts.open.fetch_sub(1, SeqCst);
        let end = if self.closed { &self.counts.closed } else { &self.counts.leaked };
        end.fetch_add(1, SeqCst);
    }
}

impl Manager for TestManager {
    type Connection = Connection;
    type Error = io::Error;

    async fn connect(&self) -> io::Result<Connection> {
        sleep(50.ms()).await;
        assert!(!self.0.panics.load(SeqCst), "a bug of the manager");
        if self.0.refuses.load(SeqCst) {
            return Err(io::ErrorKind::ConnectionRefused.into());
        }
        let open = self.0.open.fetch_add(1, SeqCst) + 1;
        self.0.peak.fetch_max(open, SeqCst);
        let id = self.0.opened.fetch_add(1, SeqCst);
        Ok(Connection { id, closed: false, counts: Arc::clone(&self.0) })
    }

    async fn is_healthy(&self, _: &mut Connection) -> bool {
        sleep(10.ms()).await;
        assert!(!self.0.panics.load(SeqCst), "a bug of the manager");
        !self.0.unhealthy.load(SeqCst)
    }

    async fn close(&self, mut connection: Connection) {
        if self.0.hangs.load(SeqCst) {
            pending::<()>().await;
        }
        sleep(50.ms()).await;
        connection.closed = true;
    }
}

fn pool_of(max_size: usize) -> (Arc<Counts>, Pool<TestManager>) {
    let manager = TestManager::default();
    (Arc::clone(&manager.0), Pool::builder(manager).max_size(max_size).build())
}

impl Counts {
    fn get(&self) -> (usize, usize, usize, usize) {
        let get = |count: &AtomicUsize| count.load(SeqCst);
        (get(&self.opened), get(&self.open), get(&self.closed), get(&self.leaked))
    }

    /// The numbers of connections: opened in total, open now, closed, dropped without a close.
    #[track_caller]
    fn assert(&self, expected: (usize, usize, usize, usize)) {
        assert_eq!(self.get(), expected, "(opened, open, closed, leaked)");
    }
}

async fn bounded<F: Future>(future: F) -> F::Output {
    timeout(60.secs(), future).await.expect("this ends within a minute of virtual time")
}

#[tokio::test(start_paused = true)]
async fn ten_jobs_share_three_connections() {
    let (counts, pool) = pool_of(3);
    let start = Instant::now();
    let mut jobs = JoinSet::new();
    for _ in 0..10 {
        let pool = pool.clone();
        jobs.spawn(async move {
            let _connection = pool.acquire().await.expect("the pool is open");
            sleep(500.ms()).await;
        });
    }
    bounded(jobs.join_all()).await;
    // 50 ms to connect, four jobs of 500 ms, and three health checks of 10 ms between them.
    assert_eq!(start.elapsed(), 2080.ms());
    counts.assert((3, 3, 0, 0));
    assert_eq!(counts.peak.load(SeqCst), 3);
    bounded(pool.close()).await;
    counts.assert((3, 0, 3, 0));
}

#[tokio::test(start_paused = true)]
async fn the_connection_returned_last_is_used_first() {
    let (_, pool) = pool_of(2);
    let first = bounded(pool.acquire()).await.unwrap();
    let second = bounded(pool.acquire()).await.unwrap();
    let (a, b) = (first.id, second.id);
    drop(second);
    drop(first);
    let again = bounded(pool.acquire()).await.unwrap();
    assert_eq!(again.id, a);
    assert_eq!(bounded(pool.acquire()).await.unwrap().id, b);
}

#[tokio::test(start_paused = true)]
async fn waiters_are_served_in_fifo_order() {
    let (_, pool) = pool_of(1);
    let held = bounded(pool.acquire()).await.unwrap();
    let order = Arc::new(std::sync::Mutex::new(Vec::new()));
    let mut jobs = JoinSet::new();
    for job in 0..5 {
        let (pool, order) = (pool.clone(), Arc::clone(&order));
        jobs.spawn(async move {
            let _connection = pool.acquire().await.unwrap();
            order.lock().unwrap().push(job);
        });
    }
    yield_now().await;
    assert_eq!(pool.status().waiting, 5, "{:?}", pool.status());
    drop(held);
    // The permit was granted to job 0, so a newcomer cannot overtake.
    let late = bounded(pool.acquire()).await.unwrap();
    assert_eq!(*order.lock().unwrap(), [0, 1, 2, 3, 4]);
    drop(late);
    bounded(jobs.join_all()).await;
}

#[tokio::test(start_paused = true)]
async fn status_distinguishes_idle_in_use_and_waiting() {
    let (_, pool) = pool_of(2);
    let first = bounded(pool.acquire()).await.unwrap();
    drop(bounded(pool.acquire()).await.unwrap());
    let now = pool.status();
    let expected = Status { max_size: 2, idle: 1, in_use: 1, waiting: 0, closed: false };
    assert_eq!(now, expected);
    drop(first);
    bounded(pool.close()).await;
    let now = pool.status();
    assert_eq!(now, Status { idle: 0, in_use: 0, closed: true, ..expected });
}

/// ```text
/// 0      50            250     300   350
/// connect ✓ idle …      close ✓ connect ✓
/// ```
#[tokio::test(start_paused = true)]
async fn a_connection_idle_for_too_long_is_closed_and_replaced() {
    let manager = TestManager::default();
    let counts = Arc::clone(&manager.0);
    let pool = Pool::builder(manager).idle_timeout(200.ms()).build();
    drop(bounded(pool.acquire()).await.unwrap());
    sleep(199.ms()).await;
    // A check of 10 ms, after which the idle time starts again.
    drop(bounded(pool.acquire()).await.unwrap());
    sleep(200.ms()).await;
    let start = Instant::now();
    assert_eq!(bounded(pool.acquire()).await.unwrap().id, 1);
    assert_eq!(start.elapsed(), 100.ms());
    counts.assert((2, 1, 1, 0));
}

#[tokio::test(start_paused = true)]
async fn time_in_use_does_not_count_as_idle() {
    let pool = Pool::builder(TestManager::default()).idle_timeout(200.ms()).build();
    let long = bounded(pool.acquire()).await.unwrap();
    sleep(10.secs()).await;
    drop(long);
    sleep(100.ms()).await;
    assert_eq!(bounded(pool.acquire()).await.unwrap().id, 0);
}

#[tokio::test(start_paused = true)]
async fn a_connection_past_its_lifetime_is_not_used_again() {
    for idle_timeout in [Duration::MAX, 500.ms()] {
        let manager = TestManager::default();
        let builder = Pool::builder(manager).max_lifetime(300.ms());
        let pool = builder.idle_timeout(idle_timeout).build();
        for _ in 0..3 {
            let pooled = bounded(pool.acquire()).await.unwrap();
            assert_eq!(pooled.id, 0);
            sleep(90.ms()).await;
        }
        sleep(10.ms()).await;
        assert_eq!(bounded(pool.acquire()).await.unwrap().id, 1);
    }
}

/// The connection on top is the older one.
#[tokio::test(start_paused = true)]
async fn in_place_of_an_expired_connection_the_next_idle_one_is_used() {
    let manager = TestManager::default();
    let counts = Arc::clone(&manager.0);
    let pool = Pool::builder(manager).max_lifetime(300.ms()).build();
    let older = bounded(pool.acquire()).await.unwrap();
    sleep(200.ms()).await;
    drop(bounded(pool.acquire()).await.unwrap());
    drop(older);
    sleep(100.ms()).await;
    assert_eq!(bounded(pool.acquire()).await.unwrap().id, 1);
    counts.assert((2, 1, 1, 0));
}

#[tokio::test(start_paused = true)]
async fn an_unhealthy_connection_is_closed_and_replaced() {
    let (counts, pool) = pool_of(1);
    drop(bounded(pool.acquire()).await.unwrap());
    counts.unhealthy.store(true, SeqCst);
    assert_eq!(bounded(pool.acquire()).await.unwrap().id, 1);
    counts.assert((2, 1, 1, 0));
}

#[tokio::test(start_paused = true)]
async fn a_broken_connection_keeps_its_permit_until_it_is_closed() {
    let (counts, pool) = pool_of(1);
    let mut broken = bounded(pool.acquire()).await.unwrap();
    broken.mark_broken();
    let start = Instant::now();
    drop(broken);
    assert_eq!(bounded(pool.acquire()).await.unwrap().id, 1);
    assert_eq!(start.elapsed(), 100.ms(), "50 ms to close, then 50 ms to connect");
    assert_eq!(counts.peak.load(SeqCst), 1);
    counts.assert((2, 1, 1, 0));
}

/// A close may take 10 s by default; a set limit replaces that.
#[tokio::test(start_paused = true)]
async fn a_close_that_never_returns_takes_no_permit_for_good() {
    for (limit, seconds) in [(None, 10), (Some(3.secs()), 3)] {
        let manager = TestManager::default();
        let counts = Arc::clone(&manager.0);
        let builder = Pool::builder(manager).max_size(1);
        let pool = limit.into_iter().fold(builder, Builder::close_timeout).build();
        counts.hangs.store(true, SeqCst);
        for leaked in 1..=2 {
            pool.acquire().await.unwrap().mark_broken();
            let start = Instant::now();
            let replaced = bounded(pool.acquire()).await.unwrap();
            assert_eq!(start.elapsed(), seconds.secs() + 50.ms(), "and 50 ms to connect");
            counts.assert((leaked + 1, 1, 0, leaked));
            drop(replaced);
        }
        let start = Instant::now();
        bounded(pool.close()).await;
        assert_eq!(start.elapsed(), seconds.secs());
        counts.assert((3, 0, 0, 3));
    }
}

#[tokio::test(start_paused = true)]
async fn a_failed_connect_releases_its_permit() {
    let (counts, pool) = pool_of(1);
    counts.refuses.store(true, SeqCst);
    for _ in 0..3 {
        let error = bounded(pool.acquire()).await.map(|pooled| pooled.id).unwrap_err();
        assert!(matches!(error, AcquireError::Connect(_)), "{error:?}");
        let text = format!("{:#}", anyhow::Error::from(error));
        assert_eq!(text, "could not connect: connection refused");
    }
    counts.refuses.store(false, SeqCst);
    assert!(bounded(pool.acquire()).await.is_ok(), "{:?}", pool.status());
}

#[tokio::test(start_paused = true)]
async fn a_panic_of_the_manager_releases_the_permit() {
    let (counts, pool) = pool_of(1);
    for idle in [false, true] {
        counts.panics.store(true, SeqCst);
        let user = pool.clone();
        let job = tokio::spawn(async move { user.acquire().await.map(drop) });
        assert!(bounded(job).await.is_err_and(|e| e.is_panic()), "idle: {idle}");
        counts.panics.store(false, SeqCst);
        // This leaves one idle connection for the second round, in which its check panics.
        drop(bounded(pool.acquire()).await.unwrap());
    }
    bounded(pool.close()).await;
    counts.assert((2, 0, 2, 0));
}

#[tokio::test(start_paused = true)]
async fn an_acquire_that_times_out_leaves_the_wait_queue() {
    let manager = TestManager::default();
    let pool = Pool::builder(manager).max_size(1).acquire_timeout(200.ms()).build();
    let held = bounded(pool.acquire()).await.unwrap();
    let start = Instant::now();
    let error = bounded(pool.acquire()).await.map(|pooled| pooled.id).unwrap_err();
    assert!(matches!(error, AcquireError::Timeout), "{error:?}");
    assert_eq!(start.elapsed(), 200.ms());
    assert_eq!(pool.status().waiting, 0);
    drop(held);
    assert!(bounded(pool.acquire()).await.is_ok(), "{:?}", pool.status());
}

#[tokio::test(start_paused = true)]
async fn close_fails_the_waiters_and_waits_for_connections_in_use() {
    let (counts, pool) = pool_of(1);
    let held = bounded(pool.acquire()).await.unwrap();
    let user = pool.clone();
    let waiter = tokio::spawn(async move {
        let error = user.acquire().await.map(|pooled| pooled.id).unwrap_err();
        (error, Instant::now())
    });
    yield_now().await;
    let holder = tokio::spawn(async move {
        sleep(300.ms()).await;
        drop(held);
    });
    let start = Instant::now();
    bounded(pool.close()).await;
    assert_eq!(start.elapsed(), 350.ms(), "300 ms in use, 50 ms to close");
    counts.assert((1, 0, 1, 0));
    let (error, at) = waiter.await.unwrap();
    assert!(matches!(error, AcquireError::Closed), "{error:?}");
    assert_eq!(at, start, "the waiter waited for the connection in use");
    let late = bounded(pool.acquire()).await.map(|pooled| pooled.id);
    assert!(matches!(late, Err(AcquireError::Closed)), "{late:?}");
    holder.await.unwrap();
}

/// ```text
/// 0        10          60
/// check ✗  close █████ ✓        the pool closes at 30 ms, and no other connection is opened
/// ```
#[tokio::test(start_paused = true)]
async fn a_pool_without_a_real_limit_can_be_closed() {
    let (counts, pool) = pool_of(usize::MAX);
    drop(join_all([pool.acquire(), pool.acquire()]).await);
    bounded(pool.close()).await;
    counts.assert((2, 0, 2, 0));
}

#[tokio::test(start_paused = true)]
async fn limits_longer_than_the_clock_are_no_limits() {
    for limit in [until_the_last_instant(), Duration::MAX] {
        let pool = Pool::builder(TestManager::default())
            .max_size(1)
            .acquire_timeout(limit)
            .idle_timeout(limit)
            .max_lifetime(limit)
            .build();
        for _ in 0..2 {
            assert_eq!(pool.acquire().await.unwrap().id, 0, "{limit:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn close_stops_an_acquire_that_replaces_a_connection() {
    let (counts, pool) = pool_of(1);
    drop(bounded(pool.acquire()).await.unwrap());
    counts.unhealthy.store(true, SeqCst);
    let user = pool.clone();
    let replacing =
        tokio::spawn(async move { user.acquire().await.map(|pooled| pooled.id) });
    sleep(30.ms()).await;
    bounded(pool.close()).await;
    let replaced = bounded(replacing).await.unwrap();
    assert!(matches!(replaced, Err(AcquireError::Closed)), "{replaced:?}");
    counts.assert((1, 0, 1, 0));
}

#[tokio::test(start_paused = true)]
async fn idle_connections_are_closed_concurrently() {
    let (counts, pool) = pool_of(3);
    let all = [pool.acquire(), pool.acquire(), pool.acquire()];
    let all = bounded(futures::future::join_all(all)).await;
    drop(all);
    let start = Instant::now();
    bounded(pool.close()).await;
    assert_eq!(start.elapsed(), 50.ms());
    counts.assert((3, 0, 3, 0));
    bounded(pool.close()).await;
}

#[tokio::test(start_paused = true)]
async fn a_close_dropped_after_one_poll_still_closes_every_connection() {
    let (counts, pool) = pool_of(2);
    let held = bounded(pool.acquire()).await.unwrap();
    drop(bounded(pool.acquire()).await.unwrap());
    assert!(poll_once(pin!(pool.close())).is_pending());
    drop(held);
    sleep(60.ms()).await;
    counts.assert((2, 0, 2, 0));
    assert!(poll_once(pin!(pool.close())).is_ready(), "{:?}", pool.status());
}

#[tokio::test(start_paused = true)]
async fn a_waiter_dropped_after_its_wake_passes_its_permit_on() {
    let (_, pool) = pool_of(1);
    let held = bounded(pool.acquire()).await.unwrap();
    let mut first = Box::pin(pool.acquire());
    assert!(poll_once(first.as_mut()).is_pending());
    let user = pool.clone();
    let second =
        tokio::spawn(async move { user.acquire().await.map(|pooled| pooled.id) });
    yield_now().await;
    drop(held);
    drop(first);
    assert_eq!(bounded(second).await.unwrap().unwrap(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_waiter_woken_when_the_pool_closes_gets_no_connection() {
    let (counts, pool) = pool_of(1);
    let held = bounded(pool.acquire()).await.unwrap();
    let mut woken = Box::pin(pool.acquire());
    assert!(poll_once(woken.as_mut()).is_pending());
    drop(held);
    let mut close = Box::pin(pool.close());
    assert!(poll_once(close.as_mut()).is_pending());
    assert!(matches!(poll_once(woken.as_mut()), Poll::Ready(Err(AcquireError::Closed))));
    drop(woken);
    bounded(close).await;
    counts.assert((1, 0, 1, 0));
}

#[test]
fn a_connection_dropped_outside_the_runtime_releases_its_permit() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    let (counts, pool) = pool_of(1);
    let mut pooled = runtime.block_on(pool.acquire()).unwrap();
    pooled.mark_broken();
    drop(pooled);
    counts.assert((1, 0, 0, 1));
    assert!(runtime.block_on(pool.acquire()).is_ok(), "{:?}", pool.status());
}

#[test]
fn a_runtime_that_shuts_down_releases_the_permits_of_its_tasks() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    let (counts, pool) = pool_of(1);
    let user = pool.clone();
    runtime.spawn(async move {
        let mut pooled = user.acquire().await.unwrap();
        pooled.mark_broken();
        std::future::pending::<()>().await;
    });
    runtime.block_on(async { sleep(100.ms()).await });
    assert_eq!(pool.status().in_use, 1);
    drop(runtime);
    assert_eq!(pool.status().in_use, 0, "{:?}", pool.status());
    counts.assert((1, 0, 0, 1));
}

#[test]
#[should_panic(expected = "a pool needs a size of at least 1")]
fn a_size_of_zero_is_refused() {
    let _ = Pool::builder(TestManager::default()).max_size(0);
}
