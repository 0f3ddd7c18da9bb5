//! A program that must not compile is refused by the compiler for the reason that it names.
//!
//! Rustdoc checks the error code of a `compile_fail` example only on nightly, and never its text.

use std::{
    env, fs, io,
    io::Write,
    path::Path,
    process::{Command, Stdio},
    thread,
};

/// What stands before a comment that repeats what the compiler says about its line.
const LABEL: &str = "//~ ";

/// What the compiler says about a program: its errors, or nothing if it compiles.
///
/// Python's nearest is the `SyntaxError` of `compile`, which knows no types. The program is one
/// file without dependencies, checked as a library of edition 2024.
///
/// # Examples
///
/// ```
/// let said = async_kit::stage::refused::refusal("fn one() -> u32 { \"1\" }").unwrap();
/// assert!(said.starts_with("error[E0308]: mismatched types"), "{said}");
/// ```
///
/// # Errors
///
/// When `rustc` cannot be run; it comes with Cargo.
pub fn refusal(program: &str) -> io::Result<String> {
    let mut rustc = Command::new("rustc")
        .args(["--edition", "2024", "--crate-type", "lib", "--emit", "metadata"])
        .arg("--out-dir")
        .arg(env::temp_dir())
        .arg("-")
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    // Closed at the end of this statement, which tells rustc that this is all.
    rustc.stdin.take().expect("it is piped").write_all(program.as_bytes())?;
    let out = rustc.wait_with_output()?;
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    Ok(if out.status.success() { String::new() } else { said })
}

/// The program without the labels that repeat what the compiler says.
///
/// # Examples
///
/// ```
/// use async_kit::stage::refused::without_labels;
///
/// assert_eq!(without_labels("one() //~ unused"), "one()");
/// ```
pub fn without_labels(program: &str) -> String {
    let code =
        |line: &str| line.split(LABEL).next().unwrap_or_default().trim_end().into();
    program.lines().map(code).collect::<Vec<String>>().join("\n")
}

/// Checks that each program in a folder is refused for the reason that its first line names.
///
/// A program begins with `//! A claim: reason`, where the reason is part of what the compiler
/// says: an error code, a lint, or a text. So is the text of a comment `//~ text`, which shows a
/// reader where the compiler says it. Belongs in an integration test, which Cargo runs where the
/// folder is.
///
/// # Panics
///
/// When a program compiles, is refused for another reason or for more than one, or has a label
/// that is not true; when the folder has no program.
#[track_caller]
pub fn check(folder: &str) {
    let entries = fs::read_dir(folder).unwrap_or_else(|why| panic!("{folder}: {why}"));
    let programs: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    assert!(!programs.is_empty(), "{folder} is empty");
    // Each runs a compiler, which takes most of a tenth of a second.
    let complaints: Vec<String> = thread::scope(|scope| {
        let judges: Vec<_> =
            programs.iter().map(|path| scope.spawn(|| complaint(path))).collect();
        let verdicts = judges.into_iter().map(|judge| judge.join().expect("no panic"));
        verdicts.flatten().collect()
    });
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

/// What is wrong with a wrong program.
fn complaint(path: &Path) -> Option<String> {
    let program = fs::read_to_string(path).expect("a program is a text");
    let said = refusal(&without_labels(&program)).expect("rustc comes with Cargo");
    let verdict = judge(&program, &said).err()?;
    Some(format!("{}: {verdict}", path.display()))
}

fn judge(program: &str, said: &str) -> Result<(), String> {
    let claim = program.lines().next().and_then(|claim| claim.rsplit_once(": "));
    let (_, reason) = claim.ok_or("its first line names no reason")?;
    if said.is_empty() {
        return Err("it compiles".into());
    }
    let labels = program.lines().filter_map(|line| line.split(LABEL).nth(1));
    for wanted in [reason].into_iter().chain(labels) {
        if !said.contains(wanted) {
            return Err(format!("no {wanted:?} in:\n{said}"));
        }
    }
    // The last one is not of the program: "aborting due to 1 previous error".
    match said.matches("\nerror").count() {
        1 => Ok(()),
        _ => Err(format!("more than one mistake:\n{said}")),
    }
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use super::*;

    const RETURNS_TEXT: &str =
        "//! A number is no text: E0308\nfn one() -> u32 { \"1\" }";
    const SAID: &str = "error[E0308]: mismatched types: expected `u32`, found `&str`\n\
                        \nerror: aborting due to 1 previous error";

    #[test]
    fn a_program_refused_for_the_reason_it_names_passes() {
        let said = refusal(RETURNS_TEXT).expect("rustc comes with Cargo");
        assert_eq!(judge(RETURNS_TEXT, &said), Ok(()));
    }

    #[test]
    fn a_program_that_compiles_or_is_refused_for_another_reason_does_not_pass() {
        let said = refusal(&RETURNS_TEXT.replace("\"1\"", "1")).unwrap();
        assert_eq!(judge(RETURNS_TEXT, &said), Err("it compiles".into()));
        let other = judge(&RETURNS_TEXT.replace("E0308", "E0277"), SAID).unwrap_err();
        assert!(other.starts_with("no \"E0277\" in:\nerror[E0308]"), "{other}");
    }

    #[test]
    fn a_second_mistake_does_not_hide_behind_the_first() {
        let two = judge(RETURNS_TEXT, &format!("{SAID}\n\nerror: another")).unwrap_err();
        assert!(two.starts_with("more than one mistake"), "{two}");
    }

    #[test]
    fn a_label_is_no_part_of_the_program_and_must_be_true() {
        let labelled = |label| format!("{RETURNS_TEXT} //~ {label}");
        assert_eq!(without_labels(&labelled("anything")), RETURNS_TEXT);
        assert_eq!(judge(&labelled("expected `u32`, found `&str`"), SAID), Ok(()));
        let lie = judge(&labelled("expected `u32`, found `u64`"), SAID).unwrap_err();
        assert!(lie.starts_with("no \"expected `u32`, found `u64`\" in:"), "{lie}");
    }
}
