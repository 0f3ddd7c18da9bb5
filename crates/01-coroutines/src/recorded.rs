//! Used by `runtime` and `parallel`: each thread that a section starts writes to the section's timeline.

#![cfg(not(target_family = "wasm"))]

use async_kit::stage::record::Recorder;

/// Returns what a new thread has to call first, for example in `on_thread_start` of a runtime.
pub(crate) fn recorded() -> impl Fn() + Clone + Send + Sync + 'static {
    let recorder = Recorder::current();
    move || {
        if let Some(recorder) = &recorder {
            recorder.install_for_good();
        }
    }
}
