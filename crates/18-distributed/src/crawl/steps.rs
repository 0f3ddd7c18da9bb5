//! A test can kill a process exactly between two of its steps.

use std::{fmt, sync::Arc};

use futures::future::BoxFuture;

/// A moment at which the death of a process must cost nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// A worker has received a page, and has not requested it.
    Received,
    /// A worker has requested a page, and has not published the result.
    Requested,
    /// A worker has published a result, and has not acknowledged the page.
    Published,
    /// A worker has acknowledged a page.
    Acked,
    /// A scheduler has claimed the log, and has not requested anything.
    Claimed,
    /// A scheduler has received a result, and has not decided anything.
    Collected,
    /// A scheduler has appended visits, and has not acknowledged their results.
    Appended,
    /// A scheduler has published that the crawl is over, and has not acknowledged the plan.
    Over,
}

impl Step {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Received,
        Self::Requested,
        Self::Published,
        Self::Acked,
        Self::Claimed,
        Self::Collected,
        Self::Appended,
        Self::Over,
    ];

    /// The name as an argument of a command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Requested => "requested",
            Self::Published => "published",
            Self::Acked => "acked",
            Self::Claimed => "claimed",
            Self::Collected => "collected",
            Self::Appended => "appended",
            Self::Over => "over",
        }
    }
}

/// What to do at each step: nothing, or to wait until the process is killed.
#[derive(Clone, Default)]
pub struct Steps(Option<Arc<OnStep>>);

type OnStep = dyn Fn(Step) -> BoxFuture<'static, ()> + Send + Sync;

impl Steps {
    /// Waits at each step for the future that this returns.
    pub fn new<F>(on_step: impl Fn(Step) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        Self(Some(Arc::new(move |step| Box::pin(on_step(step)))))
    }

    pub(super) async fn at(&self, step: Step) {
        if let Some(on_step) = &self.0 {
            on_step(step).await;
        }
    }
}

impl fmt::Debug for Steps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Steps").finish_non_exhaustive()
    }
}
