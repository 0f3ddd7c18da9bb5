//! The compiler rejects each wrong program for exactly the reason that the program names.
//!
//! Rustdoc checks the error code of a `compile_fail` example only on nightly, and never its text.

use std::{
    env, fs, io,
    io::Write,
    path::Path,
    process::{Command, Stdio},
    thread,
};

/// The start of a comment that repeats the compiler's message for its line.
const LABEL: &str = "//~ ";

/// The compiler's errors for a program; empty if it compiles.
///
/// The nearest thing in Python is the `SyntaxError` of `compile`, which checks no types. The
/// program is one file without dependencies, and is checked as a library of edition 2024.
///
/// # Examples
///
/// ```
/// let output = async_kit::stage::refused::refusal("fn one() -> u32 { \"1\" }").unwrap();
/// assert!(output.starts_with("error[E0308]: mismatched types"), "{output}");
/// ```
///
/// # Errors
///
/// If `rustc` cannot be run. It is installed together with Cargo.
pub fn refusal(program: &str) -> io::Result<String> {
    let mut rustc = Command::new("rustc")
        .args(["--edition", "2024", "--crate-type", "lib", "--emit", "metadata"])
        .arg("--out-dir")
        .arg(env::temp_dir())
        .arg("-")
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    // The pipe is closed at the end of this statement, so that rustc sees the end of its input.
    rustc.stdin.take().expect("it is piped").write_all(program.as_bytes())?;
    let out = rustc.wait_with_output()?;
    let errors = String::from_utf8_lossy(&out.stderr).into_owned();
    Ok(if out.status.success() { String::new() } else { errors })
}

/// The program without the labels, which are comments that repeat the compiler's messages.
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

/// Checks that the compiler rejects each program in a folder for the reason in its first line.
///
/// A program begins with `//! A claim: reason`. The reason must be part of the compiler's output:
/// an error code, a lint or a text. The text of each label, a comment `//~ text`, must be part of
/// what the compiler writes about the label's line: below it, or as the title of a message that
/// points to it.
///
/// Call this in an integration test, because Cargo runs that in the package's folder.
///
/// # Panics
///
/// If a program compiles, if it has another error or more than one, if the compiler does not write
/// the text of a label about its line, or if the folder is empty.
#[track_caller]
pub fn check(folder: &str) {
    let entries = fs::read_dir(folder).unwrap_or_else(|why| panic!("{folder}: {why}"));
    let programs: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    assert!(!programs.is_empty(), "{folder} is empty");
    // In parallel, because each program takes one run of the compiler, nearly 100 ms.
    let problems: Vec<String> = thread::scope(|scope| {
        let checks: Vec<_> =
            programs.iter().map(|path| scope.spawn(|| problem(path))).collect();
        let results = checks.into_iter().map(|check| check.join().expect("no panic"));
        results.flatten().collect()
    });
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// The reason why the check of this program fails, if it does.
fn problem(path: &Path) -> Option<String> {
    let program = fs::read_to_string(path).expect("a program is a text file");
    let output = refusal(&without_labels(&program)).expect("rustc comes with Cargo");
    let why = check_output(&program, &output).err()?;
    Some(format!("{}: {why}", path.display()))
}

fn check_output(program: &str, output: &str) -> Result<(), String> {
    let claim = program.lines().next().and_then(|claim| claim.rsplit_once(": "));
    let (_, reason) = claim.ok_or("its first line names no reason")?;
    if output.is_empty() {
        return Err("it compiles".into());
    }
    if !output.contains(reason) {
        return Err(format!("no {reason:?} in:\n{output}"));
    }
    for (number, line) in (1..).zip(program.lines()) {
        if let Some((_, label)) = line.split_once(LABEL)
            && !about_line(output, number).contains(label)
        {
            return Err(format!("no {label:?} about line {number} in:\n{output}"));
        }
    }
    // This one is the compiler's last line: "error: aborting due to 1 previous error".
    match output.matches("\nerror").count() {
        1 => Ok(()),
        _ => Err(format!("more than one error:\n{output}")),
    }
}

/// What the compiler writes about one line of a program: the titles of the messages that point to
/// it, and the text below its copy of that line.
fn about_line(output: &str, number: usize) -> String {
    let (mut title, mut current, mut about) = ("", None, String::new());
    for text in output.lines() {
        let margin = text.split_once(" |").map(|(margin, _)| margin.trim().parse().ok());
        if let Some((_, position)) = text.split_once("--> ") {
            // `FILE:LINE:COLUMN`
            current = position.rsplit(':').nth(1).and_then(|line| line.parse().ok());
            about += if current == Some(number) { title } else { "" };
        } else if let Some(Some(copied)) = margin {
            current = Some(copied);
        } else if text.starts_with(' ') {
            about += if current == Some(number) { text } else { "" };
        } else {
            (title, current) = (text, None);
        }
        about += "\n";
    }
    about
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use super::*;

    const RETURNS_TEXT: &str =
        "//! A number is not a text: E0308\nfn one() -> u32 { \"1\" }";
    const OUTPUT: &str = "error[E0308]: mismatched types: expected `u32`, found `&str`\n\
                        \nerror: aborting due to 1 previous error";

    #[test]
    fn a_program_rejected_for_the_reason_it_names_passes() {
        let output = refusal(RETURNS_TEXT).expect("rustc comes with Cargo");
        assert_eq!(check_output(RETURNS_TEXT, &output), Ok(()));
    }

    #[test]
    fn a_program_that_compiles_or_is_rejected_for_another_reason_does_not_pass() {
        let output = refusal(&RETURNS_TEXT.replace("\"1\"", "1")).unwrap();
        assert_eq!(check_output(RETURNS_TEXT, &output), Err("it compiles".into()));
        let other = RETURNS_TEXT.replace("E0308", "E0277");
        let other = check_output(&other, OUTPUT).unwrap_err();
        assert!(other.starts_with("no \"E0277\" in:\nerror[E0308]"), "{other}");
    }

    #[test]
    fn a_second_error_is_not_hidden_by_the_first() {
        let two = format!("{OUTPUT}\n\nerror: another");
        let two = check_output(RETURNS_TEXT, &two).unwrap_err();
        assert!(two.starts_with("more than one error"), "{two}");
    }

    #[test]
    fn a_label_is_removed_from_the_program_and_its_text_must_be_about_its_line() {
        let labelled = |label| format!("{RETURNS_TEXT} //~ {label}");
        assert_eq!(without_labels(&labelled("anything")), RETURNS_TEXT);
        let output = refusal(RETURNS_TEXT).expect("rustc comes with Cargo");
        for right in ["expected `u32`, found `&str`", "mismatched types"] {
            assert_eq!(check_output(&labelled(right), &output), Ok(()), "{right}");
        }
        let wrong = check_output(&labelled("found `u64`"), &output).unwrap_err();
        assert!(wrong.starts_with("no \"found `u64`\" about line 2 in:"), "{wrong}");
    }

    #[test]
    fn a_label_on_another_line_than_the_compilers_is_refused() {
        let program = "//! A number is not a text: E0308\n\
                       fn one() -> u32 {\n    let text = \"1\";\n    text\n}";
        let output = refusal(program).expect("rustc comes with Cargo");
        let label = " //~ expected `u32`, found `&str`";
        let right = program.replace("    text\n", &format!("    text{label}\n"));
        assert_eq!(check_output(&right, &output), Ok(()));
        let wrong = program.replace("\"1\";", &format!("\"1\";{label}"));
        let wrong = check_output(&wrong, &output).unwrap_err();
        assert!(wrong.contains("found `&str`\" about line 3 in:"), "{wrong}");
    }

    /// Checks a folder with these programs.
    fn check_all(programs: &[&str]) {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for (number, program) in programs.iter().enumerate() {
            let path = folder.path().join(format!("{number}.rs"));
            fs::write(path, program).expect("a program");
        }
        check(folder.path().to_str().expect("UTF-8"));
    }

    #[test]
    fn a_folder_of_programs_that_are_rejected_as_they_claim_passes() {
        check_all(&[RETURNS_TEXT, &format!("{RETURNS_TEXT} //~ mismatched types")]);
    }

    #[test]
    #[should_panic(expected = "1.rs: it compiles")]
    fn a_folder_with_a_program_that_compiles_does_not_pass() {
        check_all(&[RETURNS_TEXT, "//! It is right: E0308"]);
    }
}
