//! Each program here is small enough that its picture can be drawn by hand.

use std::{future::pending, sync::Arc, time::Duration};

use async_kit::{Lane, Millis, Transcript, say, stage::Recording, virtual_time};
use futures::future::join_all;
use tokio::{
    sync::Semaphore,
    task::JoinSet,
    time::{sleep, timeout},
};

/// The recording of a run of this program.
pub(crate) fn recording(program: impl Future<Output = ()> + Send + 'static) -> Recording {
    virtual_time(Transcript::of(program)).recording().clone()
}

/// Jobs of 200 ms share the permits of a semaphore.
pub(crate) async fn semaphore(jobs: usize, permits: usize) {
    semaphore_with_failures(jobs, permits, &[]).await;
}

/// The same as [`semaphore`], but these jobs fail.
pub(crate) async fn semaphore_with_failures(
    jobs: usize,
    permits: usize,
    failing: &'static [usize],
) {
    let permits = Arc::new(Semaphore::new(permits));
    let mut set = JoinSet::new();
    for id in 0..jobs {
        let permits = Arc::clone(&permits);
        let job = async move {
            let _permit = permits.acquire().await;
            say!("starts");
            sleep(200.ms()).step("holding a permit").await;
            say!("done");
            if failing.contains(&id) { Err("no luck") } else { Ok(()) }
        };
        set.spawn(job.try_lane(format!("job-{id}")));
    }
    set.join_all().await;
}

/// Three jobs, of which at most two work at the same time.
pub(crate) async fn three_jobs() {
    let permits = Semaphore::new(2);
    let job = async |time: Duration| {
        let _permit = permits.acquire().await;
        sleep(time).step("working").await;
    };
    let [a, b, c] = [job(100.ms()), job(200.ms()), job(200.ms())];
    join_all([a.lane("a"), b.lane("b"), c.lane("c")]).await;
}

/// A job that is woken at 20 ms, but is not polled again before 60 ms.
pub(crate) async fn polled_late() {
    let mut job = sleep(20.ms()).step("asking").lane("job");
    let _ = timeout(10.ms(), &mut job).await;
    sleep(50.ms()).lane("loop body").await;
    job.await;
}

/// One lane for each way to end, except a panic.
pub(crate) async fn endings() {
    let failed = async {
        sleep(30.ms()).await;
        Err::<(), _>("no luck")
    };
    let never_polled = pending::<()>().lane("never polled");
    let dropped = tokio::spawn(pending::<()>().lane("dropped"));
    tokio::spawn(pending::<()>().step("holding on").lane("unfinished"));
    _ = failed.try_lane("failed").await;
    drop(never_polled);
    sleep(10.ms()).await;
    dropped.abort();
    sleep(10.ms()).step("closing").lane("done").await;
}
