//! Tasks that share one cancellation token are cancelled together and waited for together, and no panic
//! in them is lost.

use std::{
    any::Any,
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use futures::FutureExt;
use tokio::task_local;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::scope::{Release, background::wait_for_all};

/// The tasks of a group or of a monitor.
#[derive(Clone, Debug, Default)]
pub(super) struct Tasks {
    pub(super) tracker: TaskTracker,
    pub(super) cancel: CancellationToken,
}

impl Tasks {
    /// Waits until all tasks have ended.
    pub(super) async fn wait(&self) {
        wait_for_all(&self.tracker).await;
    }
}

impl Release for Tasks {
    async fn release(self) {
        self.cancel.cancel();
        self.wait().await;
    }
}

/// What a panic was called with.
pub(super) type Panic = Box<dyn Any + Send>;

task_local! {
    /// That of the innermost part of a group, or task of a monitor, that is being polled.
    static CURRENT: LostPanic;
}

/// The first panic of the groups that were dropped in a part of a group, or in a task of a monitor.
///
/// The caller of a dropped group cannot get its panic, so the part that dropped it does. If that part is
/// dropped too, the part around it gets the panic.
#[derive(Clone, Debug, Default)]
pub(super) struct LostPanic(Arc<Slot>);

#[derive(Debug, Default)]
struct Slot {
    panic: Mutex<Option<Panic>>,
    outer: Option<LostPanic>,
}

impl LostPanic {
    /// Makes one for a part of the current one.
    pub(super) fn new() -> Self {
        Self(Arc::new(Slot { panic: Mutex::default(), outer: current() }))
    }

    /// Returns the current one; outside a group and a monitor, one that is never read.
    #[allow(
        dead_code,
        reason = "only `Group` calls it, and `Monitor` is also copied alone"
    )]
    pub(super) fn current() -> Self {
        current().unwrap_or_default()
    }

    /// Runs `future` and catches its panic. The groups in it put their panics here if they are dropped.
    pub(super) fn catch_unwind<F: Future>(
        &self,
        future: F,
    ) -> impl Future<Output = Result<F::Output, Panic>> {
        CURRENT.scope(self.clone(), AssertUnwindSafe(future).catch_unwind())
    }

    pub(super) fn put(&self, panic: Panic) {
        self.0.panic().get_or_insert(panic);
    }

    /// Takes the panic. Dropped groups may put one here until their releases have ended.
    pub(super) fn take(&self) -> Option<Panic> {
        self.0.panic().take()
    }
}

fn current() -> Option<LostPanic> {
    CURRENT.try_with(Clone::clone).ok()
}

impl Slot {
    fn panic(&self) -> MutexGuard<'_, Option<Panic>> {
        self.panic.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let panic = self.panic().take();
        if let Some((outer, panic)) = self.outer.as_ref().zip(panic) {
            outer.put(panic);
        }
    }
}
