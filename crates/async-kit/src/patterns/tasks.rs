//! Tasks that share one cancellation token are cancelled together and waited for together.

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
