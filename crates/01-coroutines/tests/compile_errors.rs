//! Each program in `wrong/` is refused by the compiler, for the reason that its first line names.

use std::{fs, path::Path, process::Command};

/// What rustc says about a program, as a library of this edition that nobody links.
fn rustc(program: &Path) -> String {
    let out = Command::new("rustc")
        .args(["--edition", "2024", "--crate-type", "lib", "--emit", "metadata"])
        .args(["--out-dir", env!("CARGO_TARGET_TMPDIR")])
        .arg(program)
        .output()
        .expect("cargo, which runs this, comes with rustc");
    assert!(!out.status.success(), "{} compiles", program.display());
    String::from_utf8_lossy(&out.stderr).into_owned()
}

#[test]
fn every_wrong_program_is_refused_for_the_reason_it_names() {
    let wrong = Path::new(env!("CARGO_MANIFEST_DIR")).join("wrong");
    let programs: Vec<_> =
        fs::read_dir(wrong).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(programs.len() >= 3, "{programs:?}");
    for program in programs {
        let text = fs::read_to_string(&program).unwrap();
        let claim = text.lines().next().and_then(|claim| claim.rsplit_once(": "));
        let (_, reason) =
            claim.unwrap_or_else(|| panic!("{} names no reason", program.display()));
        let said = rustc(&program);
        assert!(said.contains(reason), "{}: no {reason} in:\n{said}", program.display());
        assert_eq!(said.matches("\nerror").count(), 1, "more than one mistake:\n{said}");
    }
}
