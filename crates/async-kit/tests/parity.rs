//! The book's list of asyncio's names is that of the Python that is installed.

use std::{
    collections::BTreeSet,
    fs,
    io::{self, Write},
    path::Path,
    process::Command,
};

/// The names in the list that this version has on this system.
fn listed(list: &str, version: &str) -> BTreeSet<String> {
    let other = if cfg!(windows) { "unix" } else { "win32" };
    let rows = list.lines().filter(|line| !line.starts_with('#'));
    let rows = rows.map(|row| row.split('\t').collect::<Vec<_>>());
    let of_version = rows.filter(|row| {
        let [_, versions, system] = row[..] else { panic!("not a row: {row:?}") };
        versions.split(' ').any(|it| it == version) && system != other
    });
    of_version.map(|row| row[0].to_owned()).collect()
}

/// What `python3` prints, or why it prints nothing.
fn printed(arguments: &[&str]) -> Result<String, String> {
    let output = Command::new("python3").args(arguments).output();
    let output = output.map_err(|error| format!("cannot run python3: {error}"))?;
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "python3 failed: {errors}");
    Ok(String::from_utf8(output.stdout).expect("names are ASCII"))
}

/// Not `eprintln!`: the test harness captures it, and the note must be visible.
fn note(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}

#[test]
fn the_list_has_the_names_of_this_python() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/asyncio");
    let version = printed(&["-c", "import sys; print('%d.%d' % sys.version_info[:2])"]);
    let version = match version {
        Ok(version) => version.trim().to_owned(),
        Err(why) => return note(&format!("SKIPPED, no names were compared: {why}")),
    };
    let list = fs::read_to_string(folder.join("names.tsv")).expect("the list");
    let listed = listed(&list, &version);
    if listed.is_empty() {
        return note(&format!("the book does not list the names of Python {version}"));
    }
    let script = folder.join("names.py");
    let script = script.to_str().expect("a path in UTF-8");
    let names = printed(&["-B", script]).expect("it ran above");
    let names: BTreeSet<_> = names.lines().map(str::to_owned).collect();
    let [missing, gone]: [Vec<_>; 2] =
        [names.difference(&listed).collect(), listed.difference(&names).collect()];
    assert!(
        missing.is_empty() && gone.is_empty(),
        "Python {version} also has {missing:?}, and has no {gone:?}: run `just asyncio-names`"
    );
}
