//! The tool resumes after a kill, stops cleanly on Ctrl-C, and refuses invalid arguments.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Output, Stdio},
    time::Duration,
};

use async_kit::{TimeLimit, lab::Lab};
use tokio::task::spawn_blocking;

const SITE: &str = "/site/30-10ms/";

fn crawler<const N: usize>(arguments: [&str; N]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_crawler"));
    command
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn whole_site(lab: &Lab, out: &Path) -> Command {
    let start = lab.url(SITE);
    let mut command =
        crawler([&start, "--max-depth", "9", "--max-pages", "100", "--resume"]);
    command.arg("--out").arg(out).arg("--report").arg(out.join("report.json"));
    command
}

/// Far longer than any machine needs.
const TEST_LIMIT: Duration = Duration::from_secs(30);

async fn wait_for_requests(lab: &Lab, requests: u64) {
    let seen =
        lab.wait_until(|stats| stats.requests >= requests).within(TEST_LIMIT).await;
    assert!(seen.is_ok(), "{} of {requests} requests", lab.stats().requests);
}

async fn wait_for_exit(child: Child) -> Output {
    let ended = spawn_blocking(|| child.wait_with_output()).within(TEST_LIMIT).await;
    ended.expect("it ends").expect("no panic").expect("an exit")
}

async fn run(mut command: Command) -> Output {
    wait_for_exit(command.spawn().expect("a process")).await
}

#[cfg(unix)]
fn interrupt(child: &Child) {
    let interrupt = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(interrupt.expect("kill").success());
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn report(out: &Path) -> serde_json::Value {
    let report = fs::read_to_string(out.join("report.json")).expect("a report");
    serde_json::from_str(&report).expect("JSON")
}

/// How many times each of the 30 pages was requested.
fn requests(lab: &Lab) -> Vec<u64> {
    let page = |n: &u64| match n {
        0 => SITE.to_owned(),
        n => format!("{SITE}page/{n}"),
    };
    (0..30).map(|n| lab.requests_to(&page(&n))).collect()
}

fn pages(out: &Path) -> usize {
    let names =
        fs::read_dir(out).expect("the folder").map(|entry| entry.expect("an entry"));
    names.filter(|name| name.file_name().to_string_lossy().ends_with(".html")).count()
}

#[tokio::test]
async fn a_killed_and_resumed_crawl_has_every_page_and_repeats_only_requests_in_flight() {
    let (lab, out) =
        (Lab::start().await.expect("a lab"), tempfile::tempdir().expect("a folder"));
    let mut kills = 0;
    for requests in [3, 12, 25] {
        let mut child = whole_site(&lab, out.path()).spawn().expect("a process");
        wait_for_requests(&lab, requests).await;
        child.kill().expect("it runs");
        wait_for_exit(child).await;
        kills += 1;
    }
    let last = run(whole_site(&lab, out.path())).await;
    assert!(last.status.success(), "{}", text(&last.stderr));
    let requests = requests(&lab);
    assert!(requests.iter().all(|times| *times >= 1), "a page was lost: {requests:?}");
    let again: u64 = requests.iter().map(|times| times - 1).sum();
    assert!(
        again <= 4 * kills,
        "more than four requests were repeated per kill: {requests:?}"
    );
    assert_eq!(pages(out.path()), 30);
    assert_eq!(report(out.path())["summary"]["fetched"], 30);
}

#[cfg(unix)]
#[tokio::test]
async fn an_interrupted_crawl_finishes_its_requests_in_flight_and_repeats_none() {
    let (lab, out) =
        (Lab::start().await.expect("a lab"), tempfile::tempdir().expect("a folder"));
    let child = whole_site(&lab, out.path()).spawn().expect("a process");
    wait_for_requests(&lab, 12).await;
    interrupt(&child);
    let stopped = wait_for_exit(child).await;
    assert_eq!(stopped.status.code(), Some(130), "{}", text(&stopped.stderr));
    let first = report(out.path());
    assert_eq!(first["summary"]["stopped"], true, "{first}");
    let requested: u64 = requests(&lab).iter().sum();
    assert_eq!(first["summary"]["fetched"], requested, "{first}");
    let last = run(whole_site(&lab, out.path())).await;
    assert!(last.status.success(), "{}", text(&last.stderr));
    assert_eq!(requests(&lab), [1; 30]);
    assert_eq!(report(out.path())["summary"]["fetched"], 30);
}

/// A terminal that was closed, or `2>&1 | head`, reads nothing more.
#[cfg(unix)]
#[tokio::test]
async fn a_crawl_whose_output_is_not_read_any_more_ends_as_any_other() {
    let (lab, out) =
        (Lab::start().await.expect("a lab"), tempfile::tempdir().expect("a folder"));
    let mut child = whole_site(&lab, out.path()).spawn().expect("a process");
    drop((child.stdout.take(), child.stderr.take()));
    wait_for_requests(&lab, 12).await;
    interrupt(&child);
    assert_eq!(wait_for_exit(child).await.status.code(), Some(130));
    assert_eq!(report(out.path())["summary"]["stopped"], true);

    let mut child = whole_site(&lab, out.path()).spawn().expect("a process");
    drop((child.stdout.take(), child.stderr.take()));
    assert_eq!(wait_for_exit(child).await.status.code(), Some(0));
    let mut child = crawler([&lab.url("/status/404")]).spawn().expect("a process");
    drop(child.stderr.take());
    assert_eq!(wait_for_exit(child).await.status.code(), Some(1));
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_report_that_cannot_be_printed_is_an_error() {
    let lab = Lab::start().await.expect("a lab");
    let mut command = crawler([&lab.url(SITE), "--max-pages", "1"]);
    let full = fs::OpenOptions::new().write(true).open("/dev/full").expect("it opens");
    command.stdout(full);
    let ended = run(command).await;
    assert_eq!(ended.status.code(), Some(1));
    let error = text(&ended.stderr);
    assert!(error.starts_with("error: cannot write to standard output: "), "{error}");
}

#[cfg(unix)]
#[tokio::test]
async fn a_second_ctrl_c_ends_the_crawl_and_leaves_no_temporary_report() {
    let (lab, out) =
        (Lab::start().await.expect("a lab"), tempfile::tempdir().expect("a folder"));
    let mut command = crawler([&lab.url("/stall"), "--timeout-ms", "600000"]);
    command.arg("--report").arg(out.path().join("report.json"));
    let mut child = command.spawn().expect("a process");
    wait_for_requests(&lab, 2).await;
    interrupt(&child);
    let mut first = String::new();
    let mut stderr = BufReader::new(child.stderr.take().expect("a pipe"));
    stderr.read_line(&mut first).expect("a line");
    assert!(first.contains("press Ctrl-C again"), "{first}");
    interrupt(&child);
    assert_eq!(wait_for_exit(child).await.status.code(), Some(130));
    assert_eq!(names(out.path()), [""; 0]);
}

#[tokio::test]
async fn without_resume_an_existing_crawl_is_not_overwritten() {
    let (lab, out) =
        (Lab::start().await.expect("a lab"), tempfile::tempdir().expect("a folder"));
    assert!(run(whole_site(&lab, out.path())).await.status.success());
    let mut command = crawler([&lab.url(SITE)]);
    command.arg("--out").arg(out.path());
    let again = run(command).await;
    let why = text(&again.stderr);
    assert!(!again.status.success() && why.contains("--resume"), "{why}");
    let mut command = crawler([&lab.url("/"), "--resume"]);
    command.arg("--out").arg(out.path());
    let why = text(&run(command).await.stderr);
    assert!(why.contains("another folder"), "{why}");
}

#[tokio::test]
async fn a_crawl_resumed_with_a_greater_depth_counts_no_address_twice() {
    let (lab, out) =
        (Lab::start().await.expect("a lab"), tempfile::tempdir().expect("a folder"));
    let start = lab.url(SITE);
    let mut shallow = crawler([&start, "--max-depth", "1", "--max-pages", "100"]);
    shallow.arg("--out").arg(out.path());
    assert!(run(shallow).await.status.success());
    assert!(run(whole_site(&lab, out.path())).await.status.success());
    let report = report(out.path());
    assert_eq!(report["summary"]["fetched"], 30, "{report}");
    assert_eq!(
        report["summary"]["skipped"]["too deep"],
        serde_json::Value::Null,
        "{report}"
    );
    let entries = report["addresses"].as_array().expect("a list");
    let mut addresses: Vec<_> = entries.iter().map(|entry| &entry["address"]).collect();
    addresses.sort_by_key(ToString::to_string);
    addresses.dedup();
    assert_eq!(addresses.len(), entries.len(), "{report}");
    assert_eq!(requests(&lab), [1; 30]);
}

#[tokio::test]
async fn invalid_arguments_are_refused_before_anything_is_fetched() {
    let (lab, folder) =
        (Lab::start().await.expect("a lab"), tempfile::tempdir().expect("one"));
    let start = lab.url(SITE);
    let file = folder.path().join("file");
    fs::write(&file, "").expect("a file");
    let (file, missing) =
        (file.to_str().expect("text"), folder.path().join("no/such/report"));
    let missing = missing.to_str().expect("text");
    for (arguments, why) in [
        ([&start, "--concurrency", "0"], "at least 1"),
        ([&start, "--out", file], "cannot write into the folder"),
        ([&start, "--report", missing], "cannot write the report"),
    ] {
        let refused = run(crawler(arguments)).await;
        let error = text(&refused.stderr);
        assert!(
            !refused.status.success() && error.contains(why),
            "{arguments:?}: {error}"
        );
    }
    assert_eq!(lab.stats().requests, 0);
}

fn names(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).expect("the folder");
    let name = |entry: std::io::Result<fs::DirEntry>| {
        entry.expect("an entry").file_name().to_string_lossy().into_owned()
    };
    names.map(name).collect()
}

/// A folder has the name of the page's file.
#[tokio::test]
async fn a_page_that_could_not_be_saved_is_requested_again_by_a_resumed_crawl() {
    let (lab, out) =
        (Lab::start().await.expect("a lab"), tempfile::tempdir().expect("a folder"));
    let page = lab.url(&format!("{SITE}page/5"));
    let page = crawler::file_name(&crawler::Address::parse(&page).expect("an address"));
    let in_the_way = out.path().join(page);
    fs::create_dir(&in_the_way).expect("a folder");
    let ended = run(whole_site(&lab, out.path())).await;
    let error = text(&ended.stderr);
    assert_eq!(ended.status.code(), Some(1), "{error}");
    assert!(error.contains("page/5: cannot be saved: ") && error.contains("--resume"));
    let summary = &report(out.path())["summary"];
    assert_eq!(summary["failed"], serde_json::json!({ "HTTP 404": 1 }), "{summary}");
    assert!(summary["halted"].is_string(), "{summary}");
    let left = names(out.path());
    assert!(!left.iter().any(|name| name.ends_with(".part")), "{left:?}");

    fs::remove_dir(&in_the_way).expect("it is empty");
    let last = run(whole_site(&lab, out.path())).await;
    assert!(last.status.success(), "{}", text(&last.stderr));
    let mut requests = requests(&lab);
    assert_eq!(requests.remove(5), 2, "{requests:?}");
    assert_eq!(requests, [1; 29]);
    assert_eq!(pages(out.path()), 30);
    assert!(report(out.path())["summary"]["halted"].is_null());
}

/// The command, run by a shell after `limit`.
#[cfg(unix)]
fn limited(limit: &str, command: &Command) -> Command {
    let mut limited = Command::new("sh");
    limited.arg("-c").arg(format!("{limit}; exec \"$0\" \"$@\""));
    limited.arg(command.get_program()).args(command.get_args());
    limited.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    limited
}

/// The process may have so few open files that some of its requests get no socket. It saves no page,
/// which would need a file too.
#[cfg(unix)]
#[tokio::test]
async fn a_request_that_gets_no_socket_is_no_failure_of_its_page() {
    let (lab, out) =
        (Lab::start().await.expect("a lab"), tempfile::tempdir().expect("a folder"));
    let mut command = crawler(["--concurrency", "30", "--per-host", "30"]);
    command.args(["--max-pages", "30"]);
    command.args((1..30).map(|page| lab.url(&format!("{SITE}page/{page}"))));
    command.arg("--report").arg(out.path().join("report.json"));
    let ended = run(limited("ulimit -n 24", &command)).await;
    let error = text(&ended.stderr);
    assert_eq!(ended.status.code(), Some(1), "{error}");
    assert!(error.contains("open files"), "{error}");
    let summary = &report(out.path())["summary"];
    assert!(summary["failed"]["no connection"].is_null(), "{summary}");
    assert_ne!(summary["waiting"], 0, "{summary}");
}

/// The process may not write files of more than a few KiB, as on a full disk.
#[cfg(unix)]
#[tokio::test]
async fn a_crawl_goes_on_after_a_full_disk() {
    let (lab, out) =
        (Lab::start().await.expect("a lab"), tempfile::tempdir().expect("a folder"));
    let whole = whole_site(&lab, out.path());
    let ended = run(limited("trap '' XFSZ; ulimit -f 2", &whole)).await;
    let error = text(&ended.stderr);
    assert_eq!(ended.status.code(), Some(1), "{error}");
    assert!(error.contains("too large"), "{error}");
    let left = names(out.path());
    assert!(left.iter().all(|name| !name.starts_with('.')), "{left:?}");

    let last = run(whole).await;
    assert!(last.status.success(), "{}", text(&last.stderr));
    let requests = requests(&lab);
    assert!(requests.iter().all(|times| (1..=2).contains(times)), "{requests:?}");
    assert_eq!(
        (pages(out.path()), &report(out.path())["summary"]["fetched"]),
        (30, &30.into())
    );
}

#[cfg(unix)]
#[tokio::test]
async fn a_report_replaces_no_journal_and_no_device_and_follows_a_link() {
    use std::os::unix::fs::symlink;

    let (lab, out) =
        (Lab::start().await.expect("a lab"), tempfile::tempdir().expect("a folder"));
    assert!(run(whole_site(&lab, out.path())).await.status.success());
    let journal = out.path().join("journal.jsonl");
    let history = fs::read(&journal).expect("a journal");
    let [link, device, fifo, target, real] =
        ["link", "device", "fifo", "target", "real"].map(|name| out.path().join(name));
    symlink("journal.jsonl", &link).expect("a link");
    symlink("/dev/null", &device).expect("a link");
    assert!(Command::new("mkfifo").arg(&fifo).status().expect("mkfifo").success());
    for (path, why) in [
        (&journal, "which is the journal"),
        (&link, "which is the journal"),
        (&device, "not a regular file"),
        (&fifo, "not a regular file"),
    ] {
        let mut command = crawler([&lab.url(SITE), "--max-depth", "9", "--resume"]);
        command.arg("--out").arg(out.path()).arg("--report").arg(path);
        let refused = run(command).await;
        let error = text(&refused.stderr);
        assert!(!refused.status.success() && error.contains(why), "{path:?}: {error}");
    }
    assert_eq!(fs::read(&journal).expect("the journal"), history);
    assert!(link.is_symlink() && device.is_symlink() && !fifo.is_file());

    fs::write(&real, "older").expect("a report");
    symlink("real", &target).expect("a link");
    let mut command = crawler([&lab.url(SITE), "--max-depth", "0"]);
    command.arg("--report").arg(&target);
    assert!(run(command).await.status.success());
    assert!(target.is_symlink());
    assert!(fs::read_to_string(&real).expect("the report").contains("summary"));
    assert_eq!(names(out.path()).iter().filter(|name| name.starts_with('.')).count(), 0);
}

#[tokio::test]
async fn the_name_of_a_section_runs_the_chapter() {
    for arguments in [["title", "--plain"], ["title", "--help"]] {
        let printed = text(&run(crawler(arguments)).await.stdout);
        assert!(!printed.contains("--max-depth"), "{printed}");
    }
    let help = text(&run(crawler(["--help"])).await.stdout);
    assert!(help.contains("--max-depth") && help.contains("--list"), "{help}");
}
