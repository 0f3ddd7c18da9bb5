//! Work on a rayon pool hands its result to a task, and knows whether anybody still waits for it.
#![cfg(not(target_family = "wasm"))]

use rayon::{ThreadPool, ThreadPoolBuildError, ThreadPoolBuilder};
use tokio::sync::oneshot;

// ANCHOR: crew
/// A rayon pool whose results tasks can await.
pub(crate) struct Crew(ThreadPool);

/// Whether anybody still waits for the result.
pub(crate) type Wanted<'a> = dyn Fn() -> bool + Sync + 'a;

impl Crew {
    /// Of this many threads; 0 stands for one per core.
    pub(crate) fn new(threads: usize) -> Result<Self, ThreadPoolBuildError> {
        let pool = ThreadPoolBuilder::new().num_threads(threads);
        // Without a handler a panic would end the process; with one, only the answer is dropped.
        Ok(Self(pool.panic_handler(|_| {}).build()?))
    }

    /// Starts `work`, and returns a future of its result, or of an error if it panics. Dropping
    /// the future tells the work that it is not wanted any more.
    pub(crate) fn spawn<T, W>(&self, work: W) -> oneshot::Receiver<T>
    where
        T: Send + 'static,
        W: FnOnce(&Wanted<'_>) -> T + Send + 'static,
    {
        let (answer, result) = oneshot::channel();
        self.0.spawn(move || {
            let found = work(&|| !answer.is_closed());
            // Who does not wait any more needs no answer.
            let _ = answer.send(found);
        });
        result
    }
}
// ANCHOR_END: crew

#[cfg(test)]
mod tests {
    use std::{sync::mpsc, time::Duration};

    use super::*;

    #[tokio::test]
    async fn a_panic_is_an_error_of_its_caller_and_the_crew_works_on() {
        let crew = Crew::new(1).unwrap();
        let broken = crew.spawn(|_| -> u32 { panic!("on purpose") });
        assert!(broken.await.is_err());
        assert_eq!(crew.spawn(|_| 42).await, Ok(42));
    }

    #[tokio::test]
    async fn while_the_crew_works_the_runtime_goes_on() {
        let (crew, (go, may_go)) = (Crew::new(1).unwrap(), mpsc::channel());
        let work = crew.spawn(move |_| may_go.recv_timeout(Duration::from_secs(60)));
        go.send("the runtime went on").unwrap();
        assert_eq!(work.await.unwrap(), Ok("the runtime went on"));
    }
}
