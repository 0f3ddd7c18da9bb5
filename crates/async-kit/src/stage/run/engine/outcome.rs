//! A section completes, fails for a reason that can be printed, or is interrupted.

use crate::{patterns::monitor::panic_text, stage::virtual_time::Failure};

/// How a section ended.
#[derive(Debug)]
pub(in crate::stage::run) enum Outcome {
    /// It returned `Ok`.
    Completed,
    /// It returned an error, panicked, or was stuck. The text explains why, with all causes.
    Failed(String),
    /// Ctrl-C cancelled it.
    #[cfg_attr(
        target_family = "wasm",
        expect(dead_code, reason = "there are no signals")
    )]
    Interrupted,
}

impl Outcome {
    pub(super) fn of(result: Result<anyhow::Result<()>, Failure>) -> Self {
        match result {
            Ok(Ok(())) => Self::Completed,
            Ok(Err(error)) => Self::Failed(chain(&error)),
            Err(Failure::Stuck(report)) => Self::Failed(report.to_string()),
            Err(Failure::Panicked(payload)) => {
                Self::Failed(format!("it panicked: {}", panic_text(&*payload)))
            }
        }
    }
}

/// An error and its causes, one per line.
fn chain(error: &anyhow::Error) -> String {
    let lines: Vec<_> = error.chain().map(ToString::to_string).collect();
    lines.join("\n  because: ")
}
