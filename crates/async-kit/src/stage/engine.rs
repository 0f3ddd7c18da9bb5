//! A section runs as a spawned task, on the clock that the reader asked for.

use std::any::Any;

use super::{
    chapter::Body,
    cli::Clock,
    record::Recorder,
    virtual_time::{self, Failure},
};

/// How a section ended.
#[derive(Debug)]
pub(super) enum Ended {
    Well,
    /// With an error, a panic, or stuck; the text says which, with its whole chain of causes.
    Failed(String),
    /// By Ctrl-C.
    Interrupted,
}

/// Runs one section and freezes its recording.
pub(super) fn run(clock: Clock, recorder: &Recorder, body: &Body) -> Ended {
    match clock {
        Clock::Virtual => judge(virtual_time::run(recorder, body())),
        #[cfg(not(target_family = "wasm"))]
        Clock::Real => real::run(real::one_thread(recorder), recorder, body),
        #[cfg(not(target_family = "wasm"))]
        Clock::Threads(count) => {
            real::run(real::threads(recorder, count), recorder, body)
        }
        #[cfg(target_family = "wasm")]
        Clock::Real | Clock::Threads(_) => {
            unreachable!("there is only virtual time here")
        }
    }
}

fn judge(result: Result<anyhow::Result<()>, Failure>) -> Ended {
    match result {
        Ok(Ok(())) => Ended::Well,
        Ok(Err(error)) => Ended::Failed(chain(&error)),
        Err(Failure::Stuck(report)) => Ended::Failed(report.to_string()),
        Err(Failure::Panicked(payload)) => Ended::Failed(panic_message(&*payload)),
    }
}

fn panic_message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| payload.downcast_ref::<&str>().copied());
    format!("it panicked: {}", text.unwrap_or("with something that is no text"))
}

/// An error with its causes, each on a line of its own.
fn chain(error: &anyhow::Error) -> String {
    let lines: Vec<_> = error.chain().map(ToString::to_string).collect();
    lines.join("\n  because: ")
}

#[cfg(not(target_family = "wasm"))]
mod real {
    use std::{num::NonZeroUsize, time::Duration};

    use tokio::{
        runtime::{Builder, Runtime},
        select, signal,
        task::{JoinError, JoinHandle},
    };

    use super::{Body, Ended, Failure, Recorder, judge};
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
        let _here = recorder.install();
        let ended = runtime.block_on(async {
            recorder.begin();
            let ended = until_ctrl_c(tokio::spawn(body())).await;
            recorder.freeze();
            ended
        });
        runtime.shutdown_timeout(PATIENCE);
        ended
    }

    /// Nobody but [`until_ctrl_c`] cancels a section, and that looks no further at it.
    fn panicked(error: JoinError) -> Failure {
        Failure::Panicked(error.into_panic())
    }

    async fn until_ctrl_c(mut section: JoinHandle<anyhow::Result<()>>) -> Ended {
        let ended = select! {
            joined = &mut section => judge(joined.map_err(panicked)),
            Ok(()) = signal::ctrl_c() => {
                section.abort();
                // Its lanes end as cancelled, and its resources are released, before the end.
                let _ = section.await;
                Ended::Interrupted
            }
        };
        scope::released().await;
        ended
    }
}
