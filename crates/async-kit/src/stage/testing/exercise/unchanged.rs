//! An exercise is not solved by a change of its checks.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process,
};

use crate::stage::exercise_list::{entries, value};

/// The two lines with which the checks of an exercise begin.
const FIRST_LINES: [&str; 2] = ["#[cfg(test)]", "mod tests {"];

/// The key of the list of exercises that has the fingerprint of the checks.
const KEY: &str = "checks";

/// Returns the checks of an exercise: everything from the lines `#[cfg(test)]` and `mod tests {` on.
/// Returns `None` if there are no such lines, one directly below the other and not indented.
///
/// # Examples
///
/// ```
/// use async_kit::exercise::checks;
///
/// let exercise = "fn main() {}\n\n#[cfg(test)]\nmod tests {\n}\n";
/// assert_eq!(checks(exercise), Some("#[cfg(test)]\nmod tests {\n}\n"));
/// assert_eq!(checks("fn main() {}\n"), None);
/// ```
pub fn checks(exercise: &str) -> Option<&str> {
    let lines = exercise.split_inclusive('\n').scan(0, |end, line| {
        let start = *end;
        *end += line.len();
        Some((start, line.trim_end()))
    });
    let lines: Vec<_> = lines.collect();
    let first = lines.windows(2).find(|two| [two[0].1, two[1].1] == FIRST_LINES)?;
    Some(&exercise[first[0].0..])
}

/// Returns 16 hexadecimal digits, in lower case, that differ if the checks differ. White space at the
/// end of a line and the kind of line ends, `\n` or `\r\n`, make no difference.
///
/// This is FNV-1a with 64 bits (<http://www.isthe.com/chongo/tech/comp/fnv/>): short, and the same on
/// every machine and in every version of Rust. It is no defence against an attacker.
///
/// # Examples
///
/// ```
/// use async_kit::exercise::fingerprint;
///
/// let checks = "#[cfg(test)]\nmod tests {\n}\n";
/// assert_eq!(fingerprint(checks), "8e6d90306fa7faee");
/// assert_eq!(fingerprint(checks), fingerprint("#[cfg(test)]\r\nmod tests {\r\n}\r\n"));
/// ```
pub fn fingerprint(checks: &str) -> String {
    let bytes = checks.lines().flat_map(|line| line.trim_end().bytes().chain([b'\n']));
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{hash:016x}")
}

/// The list of a pack of exercises, in the folder of the pack.
const LIST: &str = "info.toml";

/// Ends the process with an explanation if the checks in this file of a pack are not those of its list.
pub(super) fn refuse_changed_checks(file: &Path) {
    if is_changed(file, &pack()) == Some(true) {
        let name = file.file_stem().unwrap_or_default().to_string_lossy();
        println!(
            "\n   The checks of {name} were changed, so it does not count as solved.\n   \
             Undo your changes below `mod tests`. To begin again: `rustlings reset {name}`."
        );
        process::exit(1);
    }
}

/// The folder of the pack. `cargo run` sets a variable and keeps the folder of the caller, which may be
/// any; rustlings runs the program in the folder of the pack.
pub(super) fn pack() -> PathBuf {
    let of_cargo = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    with_list(of_cargo).unwrap_or_default()
}

/// This folder, if it is that of a pack. A program that was started by another one inherits the
/// variable of the other one, which names no pack.
fn with_list(folder: Option<PathBuf>) -> Option<PathBuf> {
    folder.filter(|folder| folder.join(LIST).is_file())
}

/// Whether this is the file of an exercise, and not of a solution or any other program.
pub(super) fn is_exercise(file: &Path) -> bool {
    file.components().any(|part| part.as_os_str() == "exercises")
}

/// Whether the checks of an exercise differ from its entry in the list of its pack. `None` for a
/// solution, and for any other program.
fn is_changed(file: &Path, pack: &Path) -> Option<bool> {
    let list = fs::read_to_string(pack.join(LIST)).ok().filter(|_| is_exercise(file))?;
    let exercise = fs::read_to_string(pack.join(file)).ok()?;
    let name = file.file_stem()?.to_str()?;
    let entry = entries(&list).find(|entry| value(entry, "name") == Some(name))?;
    let found = checks(&exercise).map(fingerprint).unwrap_or_default();
    Some(found != value(entry, KEY)?)
}

#[cfg(test)]
mod tests {
    use tempfile::tempdir;

    use super::*;

    const EXERCISE: &str =
        "fn main() {}\n\n#[cfg(test)]\nmod tests {\n    // a check\n}\n";

    #[test]
    fn the_checks_begin_at_two_whole_lines_of_an_exercise() {
        let found = checks(EXERCISE).unwrap();
        assert_eq!(found, "#[cfg(test)]\nmod tests {\n    // a check\n}\n");
        let quoted = format!("// #[cfg(test)]\nmod tests {{}}\n{EXERCISE}");
        assert_eq!(checks(&quoted), Some(found));
        assert_eq!(checks("fn main() {}"), None);
        assert_eq!(checks("#[cfg(test)]\nmod other {"), None);
    }

    #[test]
    fn the_kind_of_line_ends_changes_neither_the_checks_nor_their_fingerprint() {
        let found = checks(EXERCISE).unwrap();
        let with_crlf = crlf(EXERCISE);
        let found_with_crlf = checks(&with_crlf).unwrap();
        assert_eq!(found_with_crlf, crlf(found));
        assert_eq!(fingerprint(found), fingerprint(found_with_crlf));
        assert_ne!(fingerprint(found), fingerprint(&found.replace("a check", "")));
    }

    fn crlf(text: &str) -> String {
        text.replace('\n', "\r\n")
    }

    #[test]
    fn a_changed_or_deleted_check_is_noticed_and_a_changed_answer_is_not() {
        // The working folder is another one, and the path of an exercise is relative to its pack.
        let pack = tempdir().unwrap();
        let pack = pack.path();
        fs::create_dir(pack.join("exercises")).unwrap();
        let (of_pack, list) = (Path::new("exercises/queues1.rs"), pack.join(LIST));
        let file = pack.join(of_pack);
        assert_eq!(with_list(Some(pack.to_owned())), None);
        let checks = fingerprint(checks(EXERCISE).unwrap());
        let entry = format!("[[exercises]]\nname = \"queues1\"\nchecks = \"{checks}\"\n");
        fs::write(&list, &entry).unwrap();
        assert_eq!(with_list(Some(pack.to_owned())).as_deref(), Some(pack));
        for (text, changed) in [
            (EXERCISE.to_owned(), false),
            (crlf(EXERCISE), false),
            (EXERCISE.replace("fn main() {}", "fn main() { answer() }"), false),
            (EXERCISE.replace("a check", "no check"), true),
            ("fn main() {}".to_owned(), true),
        ] {
            fs::write(&file, &text).unwrap();
            assert_eq!(is_changed(of_pack, pack), Some(changed), "{text}");
        }
        assert_eq!(is_changed(Path::new("exercises/other.rs"), pack), None);
        fs::write(&list, crlf(&entry)).unwrap();
        fs::write(&file, crlf(EXERCISE)).unwrap();
        assert_eq!(is_changed(of_pack, pack), Some(false), "a list with other line ends");
    }
}
