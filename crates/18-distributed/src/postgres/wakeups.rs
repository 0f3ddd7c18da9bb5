//! All workers of a process share one connection that listens, and one wakes when its partition has a
//! message.

use std::{
    collections::HashMap,
    convert::Infallible,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use sqlx::{
    PgPool,
    postgres::{PgConnectOptions, PgListener, PgPoolOptions},
};
use tokio::{sync::Notify, time::sleep};

/// How long it waits after a failure before it connects again. Meanwhile workers ask once a second.
const PAUSE: Duration = Duration::from_millis(200);

/// Where the workers of each partition wait. The key is what `pg_notify` sends: `QUEUE.PARTITION`.
#[derive(Debug, Default)]
pub(super) struct Wakeups(Mutex<HashMap<String, Waiting>>);

/// The workers of this process that wait for a message of one partition.
#[derive(Clone, Debug, Default)]
pub(super) struct Waiting(Arc<Notify>);

impl Waiting {
    /// Waits to be woken. If that happened while no worker waited, returns immediately.
    pub(super) async fn woken(&self) {
        self.0.notified().await;
    }

    pub(super) fn wake_on_drop(&self) -> Successor<'_> {
        Successor(Some(self))
    }
}

/// Wakes another worker when it is dropped.
#[must_use = "it wakes another worker immediately"]
pub(super) struct Successor<'a>(Option<&'a Waiting>);

impl Successor<'_> {
    pub(super) fn disarm(mut self) {
        self.0 = None;
    }
}

impl Drop for Successor<'_> {
    fn drop(&mut self) {
        if let Some(waiting) = self.0 {
            waiting.0.notify_one();
        }
    }
}

impl Wakeups {
    pub(super) fn of(&self, queue: i32, partition: usize) -> Waiting {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.entry(format!("{queue}.{partition}")).or_default().clone()
    }

    /// One worker is enough: if it leaves messages behind, it wakes the next.
    fn wake(&self, partition: &str) {
        let waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(workers) = waiting.get(partition) {
            workers.0.notify_one();
        }
    }

    fn wake_all(&self) {
        let waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.values().for_each(|workers| workers.0.notify_one());
    }

    /// Listens on this channel until it is aborted.
    pub(super) async fn listen(
        self: Arc<Self>,
        options: PgConnectOptions,
        channel: String,
    ) {
        let pool = PgPoolOptions::new().max_connections(1).connect_lazy_with(options);
        loop {
            let Err(error) = self.forward(&pool, &channel).await;
            tracing::debug!(%error, "no notifications: workers ask once a second");
            sleep(PAUSE).await;
        }
    }

    async fn forward(&self, pool: &PgPool, channel: &str) -> sqlx::Result<Infallible> {
        let mut listener = PgListener::connect_with(pool).await?;
        listener.listen(channel).await?;
        // What was sent while it was not connected is lost.
        self.wake_all();
        loop {
            match listener.try_recv().await? {
                Some(notification) => self.wake(notification.payload()),
                // It was disconnected, and is connected again.
                None => self.wake_all(),
            }
        }
    }
}
