//! A resource logs when its release begins and ends.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use async_kit::scope::Release;
use tokio::time::sleep;

/// What happened, in order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<&'static str>>>);

/// The log of a resource that was released exactly once, to its end.
pub(crate) const ONCE: [&str; 2] = ["releasing", "released"];

impl Log {
    pub(crate) fn push(&self, event: &'static str) {
        self.0.lock().unwrap().push(event);
    }

    pub(crate) fn events(&self) -> Vec<&'static str> {
        self.0.lock().unwrap().clone()
    }

    /// How many handles to this log exist, the caller's included.
    pub(crate) fn handles(&self) -> usize {
        Arc::strong_count(&self.0)
    }

    /// Makes a resource whose release takes this long. With zero, the release does not wait.
    pub(crate) fn resource(&self, release: Duration) -> Resource {
        Resource { log: self.clone(), release }
    }
}

pub(crate) struct Resource {
    pub(crate) log: Log,
    release: Duration,
}

impl Release for Resource {
    async fn release(self) {
        self.log.push("releasing");
        if !self.release.is_zero() {
            sleep(self.release).await;
        }
        self.log.push("released");
    }
}
