//! The compiler, not the server, refuses two concurrent queries on one connection.

use std::process::Command;

#[test]
fn a_busy_connection_refuses_a_second_query() {
    let out = Command::new("rustc")
        .args(["--edition", "2024", "--crate-type", "lib", "--emit", "metadata"])
        .args(["--out-dir", env!("CARGO_TARGET_TMPDIR")])
        .arg(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/wrong/two_queries_on_one_connection.rs"
        ))
        .output()
        .expect("cargo, which runs this test, is installed with rustc");
    let stderr = String::from_utf8_lossy(&out.stderr);
    assert!(stderr.contains("error[E0499]"), "{stderr}");
    assert_eq!(stderr.matches("\nerror").count(), 1, "more than one mistake:\n{stderr}");
}
