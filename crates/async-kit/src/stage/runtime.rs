//! Every runtime of the stage records what its threads do, and waits at most a second for its blocking
//! calls.

use std::time::Duration;

use tokio::runtime::{Builder, Handle, Runtime};

use super::record::Recorder;

/// How long the end of a run waits for `spawn_blocking` calls, which cannot be cancelled.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(1);

/// Builds a runtime whose threads record in `recorder`: those of its workers and those of
/// `spawn_blocking`.
pub(in crate::stage) fn build(mut builder: Builder, recorder: &Recorder) -> Runtime {
    let recorder = recorder.clone();
    builder
        .on_thread_start(move || recorder.install_for_good())
        .build()
        .expect("a machine that runs this has threads and sockets")
}

/// Panics inside a runtime. Tokio would do so too, but its message does not say what to do.
#[track_caller]
pub(in crate::stage) fn assert_outside() {
    assert!(
        Handle::try_current().is_err(),
        "a run in virtual or real time starts its own runtime: start it outside any runtime"
    );
}

/// Drops the tasks of the runtime, and waits for its blocking calls for a second at most.
pub(in crate::stage) fn shut_down(runtime: Runtime) {
    runtime.shutdown_timeout(SHUTDOWN_TIMEOUT);
}

#[cfg(test)]
mod tests {
    use std::{sync::mpsc, thread};

    use tokio::task::spawn_blocking;

    use super::*;

    /// The call ends only after the shutdown, which would otherwise never end.
    #[test]
    fn a_shutdown_does_not_wait_forever_for_a_blocking_call() {
        let (end, until_end) = mpsc::channel::<()>();
        let (ended, is_over) = mpsc::channel();
        thread::spawn(move || {
            let runtime = build(Builder::new_current_thread(), &Recorder::silent());
            runtime.block_on(async { drop(spawn_blocking(move || until_end.recv())) });
            shut_down(runtime);
            ended.send(())
        });
        let shut_down = is_over.recv_timeout(Duration::from_secs(60));
        drop(end);
        assert!(shut_down.is_ok(), "it has waited for a minute");
    }
}
