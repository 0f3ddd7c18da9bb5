//! Rust rejects eight mistakes at compile time; Python finds only one of them before the program runs.
//!
//! asyncio: an `await` in a plain function is a `SyntaxError`. A forgotten `await` gives a coroutine
//! instead of a number, or a warning at the end. The other mistakes have no counterpart in Python,
//! because objects live on the heap for as long as they are needed and one thread runs all tasks. Each
//! program is in the folder `wrong`, and a test checks that it fails for the stated reason.
#![cfg(not(target_family = "wasm"))]

use async_kit::say;
use tokio::task::spawn_blocking;

use crate::rustc::compile_error;

const PROGRAMS: [(&str, &str); 8] = [
    ("await_in_a_plain_fn", include_str!("../wrong/await_in_a_plain_fn.rs")),
    ("missing_await", include_str!("../wrong/missing_await.rs")),
    ("never_awaited", include_str!("../wrong/never_awaited.rs")),
    ("endless_future", include_str!("../wrong/endless_future.rs")),
    ("borrowed_by_a_task", include_str!("../wrong/borrowed_by_a_task.rs")),
    ("rc_as_a_result", include_str!("../wrong/rc_as_a_result.rs")),
    ("rc_across_an_await", include_str!("../wrong/rc_across_an_await.rs")),
    ("guard_across_an_await", include_str!("../wrong/guard_across_an_await.rs")),
];

/// The compiler's error for each of the programs, with the labels below the code.
pub(crate) async fn run() -> anyhow::Result<()> {
    for (name, program) in PROGRAMS {
        let error = spawn_blocking(|| compile_error(program)).await??;
        say!("{name}: {}", first_message(&error));
    }
    Ok(())
}

/// The compiler's first message: its title, and the code with the labels. Notes and help follow it.
fn first_message(error: &str) -> String {
    let message = error.lines().take_while(|line| !line.is_empty());
    let message = message.take_while(|line| !line.trim().starts_with("= "));
    let message = message.take_while(|line| !line.starts_with("note: "));
    let shown = message.filter(|line| line.trim() != "|" && !line.contains("--> "));
    shown.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn the_first_label_of_each_program_is_shown_below_its_code() {
        for (name, program) in PROGRAMS {
            let shown = first_message(&compile_error(program).unwrap());
            let (_, label) = program.split_once("//~ ").expect("a program has a label");
            let label = label.lines().next().unwrap_or_default();
            assert!(shown.contains(label), "{name}: no {label:?} in\n{shown}");
        }
    }

    #[test]
    fn every_program_in_the_folder_is_shown() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/wrong");
        let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
        let mut files: Vec<_> = files.map(|name| name.into_string().unwrap()).collect();
        let mut shown = PROGRAMS.map(|(name, _)| format!("{name}.rs"));
        files.sort();
        shown.sort();
        assert_eq!(files, shown);
    }
}
