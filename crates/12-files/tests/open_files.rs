//! The section `sizes` reads 300 files in a process that may open only 64.

#[cfg(unix)]
#[test]
fn three_hundred_files_are_read_where_only_64_may_be_open() {
    let limited = "ulimit -n 64 && exec \"$0\" sizes --plain";
    let program = env!("CARGO_BIN_EXE_files");
    let ended = std::process::Command::new("sh").args(["-c", limited, program]).output();
    let ended = ended.expect("the shell starts");
    let output = String::from_utf8_lossy(&ended.stdout);
    assert!(ended.status.success(), "{output}{}", String::from_utf8_lossy(&ended.stderr));
    assert!(output.contains("300 of 300 files"), "{output}");
}
