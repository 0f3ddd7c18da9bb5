//! `rustlings` keeps a learner's progress in a pack in one file: the open exercise, and the solved ones.

use anyhow::{Context, Result, ensure};

/// The name of the file, in the folder of the pack.
pub(crate) const STATE_FILE: &str = ".rustlings-state.txt";

/// The first line of such a file.
const HEADER: &str = "DON'T EDIT THIS FILE!";

/// What a state file contains.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct State<'a> {
    /// The exercise that is open. `None` before another one than the first was opened: until then
    /// `rustlings` leaves the file empty.
    pub(crate) current: Option<&'a str>,
    pub(crate) solved: Vec<&'a str>,
}

impl<'a> State<'a> {
    /// Reads a file as rustlings 6 writes it: the header, an empty line, the open exercise, an empty
    /// line, and a line for each solved one.
    pub(crate) fn of(file: &'a [u8]) -> Result<Self> {
        let text = str::from_utf8(file).context("it is damaged: it is not UTF-8")?;
        if text.is_empty() {
            return Ok(Self::default());
        }
        let mut lines = text.lines();
        ensure!(
            lines.next() == Some(HEADER),
            "its first line is not `{HEADER}`: rustlings 6 has not written it"
        );
        let blank = |line: Option<&str>| line.is_none_or(str::is_empty);
        let other =
            "its lines are not those of rustlings 6: another version has written it";
        ensure!(blank(lines.next()), other);
        let current = lines.next().filter(|name| !name.is_empty());
        let current = current.context("it is damaged: it names no open exercise")?;
        ensure!(blank(lines.next()), other);
        let solved: Vec<_> = lines.collect();
        ensure!(solved.iter().all(|name| !name.is_empty()), other);
        Ok(Self { current: Some(current), solved })
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::pack::read;

    fn refused(file: impl AsRef<[u8]>) -> String {
        State::of(file.as_ref()).unwrap_err().to_string()
    }

    #[test]
    fn the_readmes_install_the_version_whose_file_is_read() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let manifest: toml::Table =
            toml::from_str(&read(&root.join("Cargo.toml")).unwrap()).unwrap();
        let tools = &manifest["workspace"]["metadata"]["tools"];
        let version = tools["rustlings"].as_str().unwrap();
        assert!(version.starts_with("6."), "{version}");
        let (minor, _) = version.rsplit_once('.').unwrap();
        let install =
            format!("\ncargo install rustlings --locked --version '^{minor}'\n");
        for readme in ["README.md", "crates/workshop/README.md"] {
            let text = read(&root.join(readme)).unwrap();
            assert!(text.contains(&install), "{readme} has no line{install}");
        }
    }

    #[test]
    fn it_names_the_open_and_the_solved_exercises() {
        let file = b"DON'T EDIT THIS FILE!\n\nqueues2\n\nqueues1\ncoroutines1";
        let state =
            State { current: Some("queues2"), solved: vec!["queues1", "coroutines1"] };
        assert_eq!(State::of(file).unwrap(), state);
        let file = b"DON'T EDIT THIS FILE!\n\nqueues2\n";
        let state = State { current: Some("queues2"), solved: Vec::new() };
        assert_eq!(State::of(file).unwrap(), state);
    }

    #[test]
    fn it_is_empty_while_the_first_exercise_is_open() {
        assert_eq!(State::of(b"").unwrap(), State::default());
    }

    #[test]
    fn a_damaged_file_is_refused() {
        assert_eq!(refused([0xff, 0xfe]), "it is damaged: it is not UTF-8");
        let none = "it is damaged: it names no open exercise";
        assert_eq!(refused("DON'T EDIT THIS FILE!\n"), none);
        assert_eq!(refused("DON'T EDIT THIS FILE!\n\n\nqueues1"), none);
    }

    #[test]
    fn a_file_of_another_version_is_refused() {
        let first = "its first line is not `DON'T EDIT THIS FILE!`: rustlings 6 has not written it";
        assert_eq!(refused("{\"current\":\"queues1\"}"), first);
        for lines in
            ["v7\nqueues1\n", "\nqueues1\nqueues2\n", "\nqueues1\n\nqueues2\n\nx"]
        {
            let why = refused(format!("DON'T EDIT THIS FILE!\n{lines}"));
            assert!(why.contains("another version"), "{lines:?}: {why}");
        }
    }
}
