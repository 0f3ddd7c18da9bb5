//! Two queries at once on one connection are refused by the compiler, and not by the server.

use std::process::Command;

#[test]
fn a_connection_that_is_busy_takes_no_second_query() {
    let out = Command::new("rustc")
        .args(["--edition", "2024", "--crate-type", "lib", "--emit", "metadata"])
        .args(["--out-dir", env!("CARGO_TARGET_TMPDIR")])
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/wrong/two_at_once.rs"))
        .output()
        .expect("cargo, which runs this, comes with rustc");
    let said = String::from_utf8_lossy(&out.stderr);
    assert!(said.contains("error[E0499]"), "{said}");
    assert_eq!(said.matches("\nerror").count(), 1, "more than one mistake:\n{said}");
}
