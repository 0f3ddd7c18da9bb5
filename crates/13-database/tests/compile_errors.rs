//! The compiler, not the server, refuses two concurrent queries on one connection of sqlx.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

const WRONG: &str = include_str!("../wrong/two_queries_on_one_connection.rs");

#[test]
fn a_busy_connection_refuses_a_second_query() {
    let right = WRONG.replace(
        "Ok([ada.await?, bob.await?])",
        "Ok([ada.await?, bob.execute(&mut *connection).await?])",
    );
    let right = right.replace(
        "let (ada, bob) = (ada.execute(&mut *connection), bob.execute(&mut *connection));",
        "let ada = ada.execute(&mut *connection);",
    );
    assert_eq!(right.matches("execute").count(), 2, "{right}");
    // The folder also has files that an older compiler has written, and cannot be used.
    let sqlx = libraries().into_iter().find(|sqlx| errors(&right, sqlx).is_empty());
    let sqlx = sqlx.expect("with one query after the other it compiles");
    let errors = errors(WRONG, &sqlx);
    assert!(errors.starts_with("error[E0499]"), "{errors}");
    assert_eq!(errors.matches("\nerror[").count(), 0, "more than one mistake:\n{errors}");
}

/// The files of sqlx that Cargo has compiled for the program of this chapter.
fn libraries() -> Vec<PathBuf> {
    let files = fs::read_dir(folder()).expect("the folder of this test");
    let paths = files.map(|file| file.expect("a file").path());
    let library = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with("libsqlx-") && name.ends_with(".rlib")
    };
    paths.filter(library).collect()
}

fn folder() -> PathBuf {
    let test = env::current_exe().expect("this program");
    test.parent().expect("its folder").to_owned()
}

/// What the compiler says about a program that uses this file of sqlx.
fn errors(program: &str, sqlx: &Path) -> String {
    let source = Path::new(env!("CARGO_TARGET_TMPDIR")).join("two_queries.rs");
    fs::write(&source, program).expect("a file");
    let out = Command::new("rustc")
        .args(["--edition", "2024", "--crate-type", "lib", "--emit", "metadata"])
        .args(["--out-dir", env!("CARGO_TARGET_TMPDIR")])
        .arg(format!("--extern=sqlx={}", sqlx.display()))
        .arg(format!("-Ldependency={}", folder().display()))
        .arg(source)
        .output()
        .expect("cargo, which runs this test, is installed with rustc");
    String::from_utf8(out.stderr).expect("UTF-8")
}
