//! `flaky`, `status` and `reset` report their outcomes and request counts in the same format.

#![cfg(not(target_family = "wasm"))]

use async_kit::{lab::Base, say};

/// Reports the outcome of a request, with all causes of an error.
pub(crate) fn report_outcome<E: Into<anyhow::Error>>(
    name: &str,
    outcome: Result<String, E>,
) {
    match outcome {
        Ok(text) => say!("{name}: {text}"),
        Err(error) => say!("{name}: {:#}", error.into()),
    }
}

/// Reports what the server has counted. Only a lab in this process can be read.
pub(crate) fn report_counts(base: &Base) {
    if let Some(lab) = base.lab() {
        say!("so far {}", lab.stats());
    }
}
