//! Two servers of this machine have the same addresses, except for their ports.
//!
//! Used by the section `crawl` and by `tests/`, which include this file by its path.
#![cfg(not(target_family = "wasm"))]

/// The text with the path alone of each `http://127.0.0.1:PORT/PATH`.
pub(crate) fn without_port(text: &str) -> String {
    let mut parts = text.split("http://127.0.0.1:");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        text + part.trim_start_matches(|c: char| c.is_ascii_digit())
    })
}
