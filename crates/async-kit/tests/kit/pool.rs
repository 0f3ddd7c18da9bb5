//! A pool lends in order, never too many, and leaks neither a turn nor a connection.

use std::{
    io,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    },
    task::{Context, Poll, Waker},
    time::Duration,
};

use async_kit::{
    Manager, Millis, Pool,
    pool::{AcquireError, Status},
};
use tokio::{
    task::{JoinSet, yield_now},
    time::{Instant, sleep, timeout},
};

/// Counts what becomes of its connections. Opening and closing take 50 ms each, a check 10 ms.
#[derive(Clone, Default)]
struct Plant(Arc<Counts>);

#[derive(Default)]
struct Counts {
    made: AtomicUsize,
    open: AtomicUsize,
    peak: AtomicUsize,
    closed: AtomicUsize,
    leaked: AtomicUsize,
    refuses: AtomicBool,
    sick: AtomicBool,
    panics: AtomicBool,
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

impl Manager for Plant {
    type Connection = Connection;
    type Error = io::Error;

    async fn connect(&self) -> io::Result<Connection> {
        sleep(50.ms()).await;
        assert!(!self.0.panics.load(SeqCst), "the plant is on fire");
        if self.0.refuses.load(SeqCst) {
            return Err(io::ErrorKind::ConnectionRefused.into());
        }
        let open = self.0.open.fetch_add(1, SeqCst) + 1;
        self.0.peak.fetch_max(open, SeqCst);
        let id = self.0.made.fetch_add(1, SeqCst);
        Ok(Connection { id, closed: false, counts: Arc::clone(&self.0) })
    }

    async fn is_healthy(&self, _: &mut Connection) -> bool {
        sleep(10.ms()).await;
        assert!(!self.0.panics.load(SeqCst), "the plant is on fire");
        !self.0.sick.load(SeqCst)
    }

    async fn close(&self, mut connection: Connection) {
        sleep(50.ms()).await;
        connection.closed = true;
    }
}

fn plant(max_size: usize) -> (Arc<Counts>, Pool<Plant>) {
    let plant = Plant::default();
    (Arc::clone(&plant.0), Pool::builder(plant).max_size(max_size).build())
}

impl Counts {
    fn get(&self) -> (usize, usize, usize, usize) {
        let get = |count: &AtomicUsize| count.load(SeqCst);
        (get(&self.made), get(&self.open), get(&self.closed), get(&self.leaked))
    }

    /// Made, open, closed, leaked.
    #[track_caller]
    fn assert(&self, expected: (usize, usize, usize, usize)) {
        assert_eq!(self.get(), expected, "(made, open, closed, leaked)");
    }
}

async fn bounded<F: Future>(future: F) -> F::Output {
    timeout(60.secs(), future).await.expect("this ends within a minute of virtual time")
}

/// Polls a future once, by hand.
fn poll<F: Future>(future: std::pin::Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

#[tokio::test(start_paused = true)]
async fn ten_jobs_share_three_connections() {
    let (counts, pool) = plant(3);
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
    // 50 to connect, four turns of 500, three checks of 10 between them.
    assert_eq!(start.elapsed(), 2080.ms());
    counts.assert((3, 3, 0, 0));
    assert_eq!(counts.peak.load(SeqCst), 3);
    bounded(pool.close()).await;
    counts.assert((3, 0, 3, 0));
}

#[tokio::test(start_paused = true)]
async fn the_connection_returned_last_is_lent_first() {
    let (_, pool) = plant(2);
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
async fn waiters_are_served_in_the_order_they_came() {
    let (_, pool) = plant(1);
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
    // The turn was already given to job 0, so whoever comes now cannot overtake.
    let late = bounded(pool.acquire()).await.unwrap();
    assert_eq!(*order.lock().unwrap(), [0, 1, 2, 3, 4]);
    drop(late);
    bounded(jobs.join_all()).await;
}

#[tokio::test(start_paused = true)]
async fn status_tells_idle_lent_and_waiting_apart() {
    let (_, pool) = plant(2);
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
    let plant = Plant::default();
    let counts = Arc::clone(&plant.0);
    let pool = Pool::builder(plant).idle_timeout(200.ms()).build();
    drop(bounded(pool.acquire()).await.unwrap());
    sleep(199.ms()).await;
    // A check of 10 ms, and a new rest from there on.
    drop(bounded(pool.acquire()).await.unwrap());
    sleep(200.ms()).await;
    let start = Instant::now();
    assert_eq!(bounded(pool.acquire()).await.unwrap().id, 1);
    assert_eq!(start.elapsed(), 100.ms());
    counts.assert((2, 1, 1, 0));
}

#[tokio::test(start_paused = true)]
async fn a_long_loan_does_not_count_as_idle() {
    let pool = Pool::builder(Plant::default()).idle_timeout(200.ms()).build();
    let long = bounded(pool.acquire()).await.unwrap();
    sleep(10.secs()).await;
    drop(long);
    sleep(100.ms()).await;
    assert_eq!(bounded(pool.acquire()).await.unwrap().id, 0);
}

#[tokio::test(start_paused = true)]
async fn a_connection_past_its_lifetime_is_not_lent_again() {
    for idle_timeout in [Duration::MAX, 500.ms()] {
        let plant = Plant::default();
        let builder = Pool::builder(plant).max_lifetime(300.ms());
        let pool = builder.idle_timeout(idle_timeout).build();
        for _ in 0..3 {
            let lent = bounded(pool.acquire()).await.unwrap();
            assert_eq!(lent.id, 0);
            sleep(90.ms()).await;
        }
        sleep(10.ms()).await;
        assert_eq!(bounded(pool.acquire()).await.unwrap().id, 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_sick_connection_is_closed_and_replaced() {
    let (counts, pool) = plant(1);
    drop(bounded(pool.acquire()).await.unwrap());
    counts.sick.store(true, SeqCst);
    assert_eq!(bounded(pool.acquire()).await.unwrap().id, 1);
    counts.assert((2, 1, 1, 0));
}

#[tokio::test(start_paused = true)]
async fn a_broken_connection_keeps_its_turn_until_it_is_closed() {
    let (counts, pool) = plant(1);
    let mut broken = bounded(pool.acquire()).await.unwrap();
    broken.mark_broken();
    let start = Instant::now();
    drop(broken);
    assert_eq!(bounded(pool.acquire()).await.unwrap().id, 1);
    assert_eq!(start.elapsed(), 100.ms(), "50 to close, then 50 to connect");
    assert_eq!(counts.peak.load(SeqCst), 1);
    counts.assert((2, 1, 1, 0));
}

#[tokio::test(start_paused = true)]
async fn a_failed_connect_gives_its_turn_back() {
    let (counts, pool) = plant(1);
    counts.refuses.store(true, SeqCst);
    for _ in 0..3 {
        let error = bounded(pool.acquire()).await.map(|lent| lent.id).unwrap_err();
        assert!(matches!(error, AcquireError::Connect(_)), "{error:?}");
        assert_eq!(error.to_string(), "could not connect");
    }
    counts.refuses.store(false, SeqCst);
    assert!(bounded(pool.acquire()).await.is_ok(), "{:?}", pool.status());
}

#[tokio::test(start_paused = true)]
async fn a_panic_of_the_manager_gives_the_turn_back() {
    let (counts, pool) = plant(1);
    for idle in [false, true] {
        counts.panics.store(true, SeqCst);
        let user = pool.clone();
        let job = tokio::spawn(async move { user.acquire().await.map(drop) });
        assert!(bounded(job).await.is_err_and(|e| e.is_panic()), "idle: {idle}");
        counts.panics.store(false, SeqCst);
        // Leaves one idle connection for the second turn, whose check then panics.
        drop(bounded(pool.acquire()).await.unwrap());
    }
    bounded(pool.close()).await;
    counts.assert((2, 0, 2, 0));
}

#[tokio::test(start_paused = true)]
async fn acquire_gives_up_in_time_and_leaves_the_line() {
    let plant = Plant::default();
    let pool = Pool::builder(plant).max_size(1).acquire_timeout(200.ms()).build();
    let held = bounded(pool.acquire()).await.unwrap();
    let start = Instant::now();
    let error = bounded(pool.acquire()).await.map(|lent| lent.id).unwrap_err();
    assert!(matches!(error, AcquireError::Timeout), "{error:?}");
    assert_eq!(start.elapsed(), 200.ms());
    assert_eq!(pool.status().waiting, 0);
    drop(held);
    assert!(bounded(pool.acquire()).await.is_ok(), "{:?}", pool.status());
}

#[tokio::test(start_paused = true)]
async fn close_fails_the_waiters_and_waits_for_the_loans() {
    let (counts, pool) = plant(1);
    let held = bounded(pool.acquire()).await.unwrap();
    let user = pool.clone();
    let waiter = tokio::spawn(async move {
        let error = user.acquire().await.map(|lent| lent.id).unwrap_err();
        (error, Instant::now())
    });
    yield_now().await;
    let lender = tokio::spawn(async move {
        sleep(300.ms()).await;
        drop(held);
    });
    let start = Instant::now();
    bounded(pool.close()).await;
    assert_eq!(start.elapsed(), 350.ms(), "300 for the loan, 50 to close");
    counts.assert((1, 0, 1, 0));
    let (error, at) = waiter.await.unwrap();
    assert!(matches!(error, AcquireError::Closed), "{error:?}");
    assert_eq!(at, start, "it did not have to wait for the loan");
    let late = bounded(pool.acquire()).await.map(|lent| lent.id);
    assert!(matches!(late, Err(AcquireError::Closed)), "{late:?}");
    lender.await.unwrap();
}

/// ```text
/// 0        10          60
/// check ✗  close █████ ✓        the pool closes at 30: then no other is opened
/// ```
#[tokio::test(start_paused = true)]
async fn a_pool_closed_while_an_acquire_replaces_a_connection_opens_no_other() {
    let (counts, pool) = plant(1);
    drop(bounded(pool.acquire()).await.unwrap());
    counts.sick.store(true, SeqCst);
    let user = pool.clone();
    let replacing = tokio::spawn(async move { user.acquire().await.map(|lent| lent.id) });
    sleep(30.ms()).await;
    bounded(pool.close()).await;
    let replaced = bounded(replacing).await.unwrap();
    assert!(matches!(replaced, Err(AcquireError::Closed)), "{replaced:?}");
    counts.assert((1, 0, 1, 0));
}

#[tokio::test(start_paused = true)]
async fn idle_connections_are_closed_side_by_side() {
    let (counts, pool) = plant(3);
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
async fn a_close_nobody_waits_for_still_closes_everything() {
    let (counts, pool) = plant(2);
    let held = bounded(pool.acquire()).await.unwrap();
    drop(bounded(pool.acquire()).await.unwrap());
    assert!(poll(pin!(pool.close())).is_pending());
    drop(held);
    sleep(60.ms()).await;
    counts.assert((2, 0, 2, 0));
    assert!(poll(pin!(pool.close())).is_ready(), "{:?}", pool.status());
}

#[tokio::test(start_paused = true)]
async fn a_waiter_dropped_after_its_wake_passes_its_turn_on() {
    let (_, pool) = plant(1);
    let held = bounded(pool.acquire()).await.unwrap();
    let mut first = Box::pin(pool.acquire());
    assert!(poll(first.as_mut()).is_pending());
    let user = pool.clone();
    let second = tokio::spawn(async move { user.acquire().await.map(|lent| lent.id) });
    yield_now().await;
    drop(held);
    drop(first);
    assert_eq!(bounded(second).await.unwrap().unwrap(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_waiter_woken_when_the_pool_closes_gets_no_connection() {
    let (counts, pool) = plant(1);
    let held = bounded(pool.acquire()).await.unwrap();
    let mut woken = Box::pin(pool.acquire());
    assert!(poll(woken.as_mut()).is_pending());
    drop(held);
    let mut close = Box::pin(pool.close());
    assert!(poll(close.as_mut()).is_pending());
    assert!(matches!(poll(woken.as_mut()), Poll::Ready(Err(AcquireError::Closed))));
    drop(woken);
    bounded(close).await;
    counts.assert((1, 0, 1, 0));
}

#[test]
fn a_connection_dropped_outside_the_runtime_gives_its_turn_back() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    let (counts, pool) = plant(1);
    let mut lent = runtime.block_on(pool.acquire()).unwrap();
    lent.mark_broken();
    drop(lent);
    counts.assert((1, 0, 0, 1));
    assert!(runtime.block_on(pool.acquire()).is_ok(), "{:?}", pool.status());
}

#[test]
fn a_runtime_that_shuts_down_takes_its_loans_along() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    let (counts, pool) = plant(1);
    let user = pool.clone();
    runtime.spawn(async move {
        let mut lent = user.acquire().await.unwrap();
        lent.mark_broken();
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
    let _ = Pool::builder(Plant::default()).max_size(0);
}
