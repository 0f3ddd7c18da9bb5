//! In real time a section ends by itself or by Ctrl-C, and its resources are released in both cases.

use std::num::NonZeroUsize;

use tokio::{
    runtime::{Builder, Runtime},
    select,
    task::{JoinError, JoinHandle},
};

use super::{super::contents::Body, interrupt, outcome::Outcome};
use crate::{
    patterns::scope,
    stage::{record::Recorder, runtime, virtual_time::Failure},
};

pub(super) fn one_thread(recorder: &Recorder) -> Runtime {
    build(Builder::new_current_thread(), recorder)
}

pub(super) fn threads(recorder: &Recorder, count: NonZeroUsize) -> Runtime {
    let mut builder = Builder::new_multi_thread();
    builder.worker_threads(count.get());
    build(builder, recorder)
}

fn build(mut builder: Builder, recorder: &Recorder) -> Runtime {
    builder.enable_all();
    runtime::build(builder, recorder)
}

pub(super) fn run(runtime: Runtime, recorder: &Recorder, body: &Body) -> Outcome {
    interrupt::listen();
    let _here = recorder.install();
    let ended = runtime.block_on(async {
        recorder.begin();
        let ended = until_ctrl_c(tokio::spawn(body())).await;
        if !matches!(ended, Outcome::Interrupted) {
            recorder.freeze();
        }
        ended
    });
    runtime::shut_down(runtime);
    // What the tasks did and said while Ctrl-C cancelled them is part of the recording.
    recorder.freeze();
    ended
}

async fn until_ctrl_c(mut section: JoinHandle<anyhow::Result<()>>) -> Outcome {
    let ended = select! {
        // Ctrl-C first: after `stopping: …` was printed, no further section may begin.
        biased;
        () = interrupt::pressed() => {
            section.abort();
            // Wait until its lanes have ended as cancelled and its resources are released.
            let _ = section.await;
            Outcome::Interrupted
        }
        joined = &mut section => Outcome::of(joined.map_err(panicked)),
    };
    scope::released().await;
    ended
}

/// Only [`until_ctrl_c`] cancels a section, and then it ignores the result.
fn panicked(error: JoinError) -> Failure {
    Failure::Panicked(error.into_panic())
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use super::*;
    use crate::{Lane, stage::record::Recorder};

    /// When the section ends, its runtime is shut down, which drops the task.
    #[test]
    fn a_task_that_outlives_its_section_is_recorded_as_unfinished() {
        let recorder = Recorder::new(true, Default::default(), |_, _, _| ());
        let body: Body = Box::new(|| {
            Box::pin(async {
                tokio::spawn(pending::<()>().lane("left behind"));
                tokio::task::yield_now().await;
                Ok(())
            })
        });
        assert!(matches!(
            run(one_thread(&recorder), &recorder, &body),
            Outcome::Completed
        ));
        let recording = recorder.recording();
        assert_eq!(recording.lanes.len(), 1);
        assert_eq!(recording.ending("left behind"), None);
    }
}
