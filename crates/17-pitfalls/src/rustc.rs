//! Compiles a program of the folder `wrong` for `refused` and `not_send`, and returns the errors.
#![cfg(not(target_family = "wasm"))]

use anyhow::Context;
use async_kit::stage::refused;

/// Returns the compiler's report about a program that it must reject.
pub(crate) fn compile_error(program: &str) -> anyhow::Result<String> {
    let program = refused::without_labels(program);
    refused::refusal(&program)
        .context("rustc, which is installed with Cargo, did not run")
}
