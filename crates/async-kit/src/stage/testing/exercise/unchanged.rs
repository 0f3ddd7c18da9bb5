//! An exercise is not solved by a change of its checks.

use std::{fs, path::Path, process};

use crate::stage::exercise_list::{entries, value};

/// Where the checks of an exercise begin.
const CHECKS: &str = "#[cfg(test)]\nmod tests {";

/// The key of the list of exercises that has the fingerprint of the checks.
const KEY: &str = "checks";

/// The checks of an exercise: everything from `#[cfg(test)]` and `mod tests {` on.
pub fn checks(exercise: &str) -> Option<&str> {
    exercise.find(CHECKS).map(|start| &exercise[start..])
}

/// A number that is another one if the checks are changed. Ends of lines do not count.
///
/// This is FNV-1a with 64 bits (<http://www.isthe.com/chongo/tech/comp/fnv/>): short, and the same on
/// every machine and in every version of Rust. It is no defence against an attacker.
pub fn fingerprint(checks: &str) -> String {
    let bytes = checks.lines().flat_map(|line| line.trim_end().bytes().chain([b'\n']));
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{hash:016x}")
}

/// Ends the process with an explanation if the checks in this file are not those of the list. The
/// working folder is that of the exercises, as it is for `cargo run` and for rustlings.
pub(super) fn refuse_changed_checks(file: &Path) {
    if is_changed(file, Path::new("info.toml")) == Some(true) {
        let name = file.file_stem().unwrap_or_default().to_string_lossy();
        println!(
            "\n   The checks of {name} were changed, so it does not count as solved.\n   \
             Undo your changes below `mod tests`. To begin again: `rustlings reset {name}`."
        );
        process::exit(1);
    }
}

/// Whether the checks of an exercise differ from its entry in the list. `None` for a solution, and for
/// any other program.
fn is_changed(file: &Path, list: &Path) -> Option<bool> {
    let is_exercise = file.components().any(|part| part.as_os_str() == "exercises");
    let list = fs::read_to_string(list).ok().filter(|_| is_exercise)?;
    let exercise = fs::read_to_string(file).ok()?;
    let name = file.file_stem()?.to_str()?;
    let entry = entries(&list).find(|entry| value(entry, "name") == Some(name))?;
    let found = checks(&exercise).map(fingerprint).unwrap_or_default();
    Some(found != value(entry, KEY)?)
}

#[cfg(test)]
mod tests {
    use std::{env, process::id};

    use super::*;

    const EXERCISE: &str =
        "fn main() {}\n\n#[cfg(test)]\nmod tests {\n    // a check\n}\n";

    #[test]
    fn the_checks_are_the_end_of_an_exercise_and_line_ends_do_not_count() {
        let found = checks(EXERCISE).unwrap();
        assert!(found.starts_with("#[cfg(test)]"), "{found}");
        assert_eq!(fingerprint(found), fingerprint(&found.replace('\n', "\r\n")));
        assert_ne!(fingerprint(found), fingerprint(&found.replace("a check", "")));
        assert_eq!(checks("fn main() {}"), None);
    }

    #[test]
    fn a_changed_or_deleted_check_is_noticed_and_a_changed_answer_is_not() {
        let folder = env::temp_dir().join(format!("checks-{}", id())).join("exercises");
        fs::create_dir_all(&folder).unwrap();
        let (file, list) = (folder.join("queues1.rs"), folder.join("info.toml"));
        let checks = fingerprint(checks(EXERCISE).unwrap());
        fs::write(
            &list,
            format!("[[exercises]]\nname = \"queues1\"\nchecks = \"{checks}\"\n"),
        )
        .unwrap();
        for (text, changed) in [
            (EXERCISE.to_owned(), false),
            (EXERCISE.replace("fn main() {}", "fn main() { answer() }"), false),
            (EXERCISE.replace("a check", "no check"), true),
            ("fn main() {}".to_owned(), true),
        ] {
            fs::write(&file, &text).unwrap();
            assert_eq!(is_changed(&file, &list), Some(changed), "{text}");
        }
        assert_eq!(is_changed(&folder.join("other.rs"), &list), None);
        fs::remove_dir_all(folder.parent().unwrap()).unwrap();
    }
}
