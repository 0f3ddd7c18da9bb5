//! A picture or a record shows the sections that ran. If it cannot be written, no section runs.

use std::fs;

use serde_json::{Value, json};

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

/// The record of these sections, which end with this exit code.
fn record(test: &str, words: &[&str], code: i32) -> Value {
    let folder = Folder::new(test);
    let record = folder.word("record.json");
    let ran = run(&[words, &["--record", &record]].concat()).exits_with(code);
    let note = format!("wrote a record to {record}");
    assert!(ran.stderr.contains(&note), "{ran:#?}");
    let text = fs::read_to_string(record).expect("a record");
    serde_json::from_str(&text).expect(&text)
}

#[test]
fn a_record_holds_every_run_with_its_knobs_and_its_question() {
    let words = ["--fast", "permits", "workers", "hello", "--set", "jobs=2"];
    let record = record("record", &words, 0);
    assert_eq!((&record["version"], &record["language"]), (&1.into(), &"rust".into()));
    assert_eq!(record["program"], "small_chapter");
    let [permits, hello] = &record["runs"].as_array().expect("runs")[..] else {
        panic!("a section that was left out has no run: {record}")
    };
    assert_eq!(
        (&permits["section"], &hello["section"]),
        (&"permits".into(), &"hello".into())
    );
    assert_eq!((&permits["clock"], &permits["end"]), (&"virtual".into(), &20_000.into()));
    let jobs = json!({"name": "jobs", "default": "3", "value": "2", "range": "1..=40"});
    assert_eq!(permits["knobs"][1], jobs);
    assert_eq!(permits["question"]["setting"], "permits=1");
    assert_eq!(permits["files"], json!(["crates/async-kit/examples/small_chapter.rs"]));
    assert_eq!(permits["lanes"].as_array().map(Vec::len), Some(2));
    assert_eq!(hello["events"][0]["text"], "hello");
    assert_eq!(hello.get("failure"), None);
}

#[test]
fn a_run_that_fails_is_recorded_with_its_failure() {
    let record = record("failures", &["--fast", "broken", "deadlock", "hello"], 1);
    let failure =
        |run: usize| record["runs"][run]["failure"].as_str().unwrap_or_default();
    assert_eq!(
        failure(0),
        "no breakfast\n  because: no bread\n  because: the oven is cold"
    );
    assert!(failure(1).starts_with("DEADLOCK at 0.00s"), "{record}");
    assert!(failure(1).contains("waiter  has waited since 0.00s"), "{record}");
    let events = &record["runs"][1]["events"];
    assert_eq!(
        (&events[0]["text"], &events[2]["what"]),
        (&"waits".into(), &"started".into())
    );
    assert_eq!(failure(2), "");
}

#[test]
fn a_run_in_real_time_is_recorded_too() {
    let record = record("panic", &["panicking"], 1);
    let run = &record["runs"][0];
    assert_eq!(
        (&run["clock"], &run["failure"]),
        (&"real".into(), &"it panicked: too hot".into())
    );
    assert_eq!(run["events"][0]["text"], "about to panic");
}

#[test]
fn a_record_is_written_even_if_the_trace_cannot_be() {
    let folder = Folder::new("one-of-two");
    let record = folder.word("record.json");
    let words = ["--fast", "hello", "--trace", "/dev/full", "--record", &record];
    if fs::exists("/dev/full").unwrap_or(false) {
        run(&words)
            .exits_with(1)
            .complains(&["cannot write /dev/full", "wrote a record"]);
        assert!(fs::read_to_string(record).expect("a record").contains("hello"));
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
fn a_trace_or_a_record_that_cannot_be_written_is_refused() {
    let folder = Folder::new("no-trace");
    let file = folder.word("missing/file.json");
    for option in ["--trace", "--record"] {
        run(&["hello", option, &file]).refused(&["cannot write", &file]);
        run(&["hello", option, &folder.word("")]).refused(&["cannot write"]);
    }
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
    for option in ["--trace", "--record"] {
        let ran = run(&["--fast", "hello", option, "/dev/full"]).exits_with(1);
        assert!(ran.stdout.contains("] hello"), "{ran:#?}");
        ran.complains(&["cannot write /dev/full: No space left on device"]);
    }
}
