//! An exercise about an error of the compiler has exactly this error as it is handed out.

use std::path::Path;

use anyhow::Result;

use crate::cargo::{Build, Message};

/// Why the compiler does not say what the exercise is about, if so. `name` is a binary of the pack in
/// `folder`; `wanted` is an error code, or part of the message of an error that has none.
pub(crate) fn problem(folder: &Path, name: &str, wanted: &str) -> Result<Option<String>> {
    let check = ["check", "--quiet", "--bin", name, "--message-format=json"];
    let build = Build::run(folder, &check)?;
    if build.success {
        return Ok(Some("it compiles as it is handed out".to_owned()));
    }
    let errors: Vec<_> = build.messages.into_iter().filter_map(error).collect();
    Ok(match &errors[..] {
        [(target, error)] if target == name && error.contains(wanted) => None,
        _ => {
            let errors =
                errors.iter().map(|(target, error)| format!("{target}: {error}\n"));
            let errors = errors.collect::<String>();
            Some(format!(
                "the compiler does not report only {wanted:?}:\n{errors}{}",
                build.text
            ))
        }
    })
}

/// The target and the text of an error, with its code if it has one.
fn error(message: Message) -> Option<(String, String)> {
    let (target, error) = (message.target?, message.message?);
    // The last message only counts the errors.
    let counts = error.message.starts_with("aborting due to");
    let code = error.code.map_or(String::new(), |it| format!("{}: ", it.code));
    (error.level == "error" && !counts).then(|| (target.name, code + &error.message))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::cargo::tests::package;

    const MOVED: &str = "fn main() { let a = String::new(); drop(a); drop(a); }";

    fn problem_of(program: &str, wanted: &str) -> Option<String> {
        problem(package(program).path(), "it", wanted).unwrap()
    }

    #[test]
    fn an_exercise_has_exactly_the_error_that_it_is_about() {
        assert_eq!(problem_of(MOVED, "E0382"), None);
        assert_eq!(problem_of(MOVED, "use of moved value"), None);
        let why = problem_of(MOVED, "E0373").unwrap();
        assert!(
            why.contains("not report only \"E0373\":\nit: E0382: use of moved"),
            "{why}"
        );
        let two =
            format!("{MOVED}\nfn other() {{ let a = String::new(); drop(a); drop(a); }}");
        assert!(problem_of(&two, "E0382").is_some());
    }

    #[test]
    fn an_exercise_without_an_error_compiles() {
        let why = problem_of("fn main() {}", "E0382").unwrap();
        assert_eq!(why, "it compiles as it is handed out");
    }

    #[test]
    fn the_error_of_another_package_does_not_count() {
        let folder = package("fn main() {}");
        let other = package(MOVED);
        fs::rename(other.path(), folder.path().join("other")).unwrap();
        let rename = |path: &str, from: &str, to: &str| {
            let path = folder.path().join(path);
            let text = fs::read_to_string(&path).unwrap().replace(from, to);
            fs::write(path, text).unwrap();
        };
        rename("other/Cargo.toml", "\"it\"", "\"other\"");
        rename("other/Cargo.toml", "[workspace]", "[lib]\npath = \"src/main.rs\"");
        rename(
            "Cargo.toml",
            "[workspace]",
            "[workspace]\n[dependencies]\nother.path = \"other\"",
        );
        let why = problem(folder.path(), "it", "E0382").unwrap().unwrap();
        assert!(why.contains("\nother: E0382"), "{why}");
    }

    #[test]
    fn a_binary_that_does_not_exist_is_not_an_error_of_the_compiler() {
        let folder = package(MOVED);
        let why = problem(folder.path(), "other", "E0382").unwrap_err().to_string();
        assert!(why.contains("no bin target named `other`"), "{why}");
    }
}
