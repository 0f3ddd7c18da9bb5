//! A picture shows the sections that ran. If it cannot be written, no section runs.

use std::fs;

use super::support::{Folder, run};

#[test]
fn each_section_has_its_own_picture() {
    let folder = Folder::new("svg");
    let pictures = folder.word("new/pictures");
    run(&["--fast", "permits", "hello", "workers", "--svg", &pictures]).exits_with(0);
    let read =
        |name: &str| fs::read_to_string(folder.path().join("new/pictures").join(name));
    let permits = read("permits.svg").expect("a picture");
    let picture = roxmltree::Document::parse(&permits).expect("well-formed XML");
    let title = picture.descendants().find(|node| node.has_tag_name("title"));
    let title = title.and_then(|node| node.text());
    assert_eq!(title, Some("permits: jobs share a few permits"));
    assert!(permits.contains("job-2"), "{permits}");
    roxmltree::Document::parse(&read("hello.svg").expect("a picture")).expect("XML");
    assert!(
        read("workers.svg").is_err(),
        "the section was left out, so it has no picture"
    );
}

#[test]
fn a_trace_holds_every_section_that_ran() {
    let folder = Folder::new("trace");
    let trace = folder.word("trace.json");
    run(&["--fast", "permits", "hello", "--trace", &trace]).exits_with(0);
    let text = fs::read_to_string(trace).expect("a trace");
    let json: serde_json::Value = serde_json::from_str(&text).expect("valid JSON");
    for name in ["permits", "hello", "job-2"] {
        let named = serde_json::Value::from(name);
        let events = json["traceEvents"].as_array().or(json.as_array()).expect("events");
        assert!(
            events.iter().any(|event| event["args"]["name"] == named),
            "{name}: {text}"
        );
    }
}

#[test]
fn a_folder_that_cannot_be_made_is_refused() {
    let folder = Folder::new("no-folder");
    let file = folder.word("file");
    fs::write(&file, "").expect("a file");
    run(&["hello", "--svg", &file]).refused(&["cannot make", &file]);
    let below = folder.word("file/below");
    run(&["hello", "--svg", &below]).refused(&["cannot make", &below]);
}

#[test]
fn a_folder_in_which_a_picture_cannot_be_written_is_refused() {
    let folder = Folder::new("taken");
    let taken = folder.word("hello.svg");
    fs::create_dir(&taken).expect("a folder with the name of a picture");
    let pictures = folder.word("");
    run(&["permits", "hello", "--svg", &pictures]).refused(&["cannot write", &taken]);
}

#[test]
fn a_trace_that_cannot_be_written_is_refused() {
    let folder = Folder::new("no-trace");
    let trace = folder.word("missing/trace.json");
    run(&["hello", "--trace", &trace]).refused(&["cannot write", &trace]);
    run(&["hello", "--trace", &folder.word("")]).refused(&["cannot write"]);
}

#[test]
fn a_wrong_command_line_does_not_change_an_old_picture() {
    let folder = Folder::new("old");
    let old = folder.word("hello.svg");
    fs::write(&old, "old").expect("an old picture");
    let missing = folder.word("missing/trace.json");
    run(&["hello", "--svg", &folder.word(""), "--trace", &missing]).refused(&[]);
    assert_eq!(fs::read_to_string(&old).expect("still there"), "old");
}

#[cfg(unix)]
#[test]
fn a_picture_that_is_not_drawn_leaves_a_dangling_link_and_no_file() {
    let folder = Folder::new("link");
    let (link, target) = (folder.word("hello.svg"), folder.word("target.svg"));
    std::os::unix::fs::symlink(&target, &link).expect("a link");
    let missing = folder.word("missing/trace.json");
    let words = ["--fast", "hello", "--svg", &folder.word("")];
    run(&[&words[..], &["--trace", &missing]].concat()).refused(&[]);
    let names: Vec<_> = fs::read_dir(folder.path()).expect("the folder").collect();
    assert!(fs::symlink_metadata(&link).is_ok() && names.len() == 1, "{names:?}");

    run(&words).exits_with(0);
    assert!(fs::read_to_string(&target).expect("a picture").contains("hello"));
}

#[cfg(target_os = "linux")]
#[test]
fn a_disk_that_is_full_at_the_end_fails_the_run() {
    let ran = run(&["--fast", "hello", "--trace", "/dev/full"]).exits_with(1);
    assert!(ran.stdout.contains("] hello"), "{ran:#?}");
    ran.complains(&["cannot write /dev/full: No space left on device"]);
}
