//! In real time a section ends by itself or by Ctrl-C, and its resources are released either way.

use std::{num::NonZeroUsize, time::Duration};

use tokio::{
    runtime::{Builder, Runtime},
    select,
    task::{JoinError, JoinHandle},
};

use super::{Body, Ended, Failure, Recorder, interrupt, judge};
use crate::patterns::scope;

/// How long a blocking call that nobody can cancel may hold up the end of a section.
const PATIENCE: Duration = Duration::from_secs(1);

pub(super) fn one_thread(recorder: &Recorder) -> Runtime {
    build(Builder::new_current_thread(), recorder)
}

pub(super) fn threads(recorder: &Recorder, count: NonZeroUsize) -> Runtime {
    let mut builder = Builder::new_multi_thread();
    builder.worker_threads(count.get());
    build(builder, recorder)
}

fn build(mut builder: Builder, recorder: &Recorder) -> Runtime {
    let recorder = recorder.clone();
    // Workers and the threads of `spawn_blocking` alike: each must find the recorder.
    builder.on_thread_start(move || recorder.install_for_good());
    builder
        .enable_all()
        .build()
        .expect("a machine that runs this has threads and sockets")
}

pub(super) fn run(runtime: Runtime, recorder: &Recorder, body: &Body) -> Ended {
    interrupt::listen();
    let _here = recorder.install();
    let ended = runtime.block_on(async {
        recorder.begin();
        let ended = until_ctrl_c(tokio::spawn(body())).await;
        if !matches!(ended, Ended::Interrupted) {
            recorder.freeze();
        }
        ended
    });
    runtime.shutdown_timeout(PATIENCE);
    // What its tasks still did and said when Ctrl-C cancelled them is part of the picture.
    recorder.freeze();
    ended
}

async fn until_ctrl_c(mut section: JoinHandle<anyhow::Result<()>>) -> Ended {
    let ended = select! {
        // Ctrl-C first: who was told that it stops shall not see the next section begin.
        biased;
        () = interrupt::pressed() => {
            section.abort();
            // Its lanes end as cancelled, and its resources are released, before the end.
            let _ = section.await;
            Ended::Interrupted
        }
        joined = &mut section => judge(joined.map_err(panicked)),
    };
    scope::released().await;
    ended
}

/// Nobody but [`until_ctrl_c`] cancels a section, and that looks no further at it.
fn panicked(error: JoinError) -> Failure {
    Failure::Panicked(error.into_panic())
}
