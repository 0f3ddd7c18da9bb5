//! The section shows several processes in one picture, and no effect before its cause.
#![cfg(not(target_family = "wasm"))]

use std::{
    env,
    io::{self, Write},
    process::{Command, Output, Stdio},
    time::Duration,
};

use async_kit::TimeLimit;
use serde_json::Value;
use tokio::task::spawn_blocking;

/// The variables that name a server.
const SERVERS: [&str; 2] = ["NATS_URL", "DATABASE_URL"];

/// Far longer than any machine needs.
const TEST_LIMIT: Duration = Duration::from_secs(60);

fn distributed() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_distributed"));
    for server in SERVERS {
        command.env_remove(server);
    }
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

async fn run(mut command: Command) -> Output {
    let child = command.spawn().expect("a process");
    let ended = spawn_blocking(|| child.wait_with_output()).within(TEST_LIMIT).await;
    ended.expect("it ends").expect("no panic").expect("an exit")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Runs the section, and reads what it has recorded.
async fn recorded(mut command: Command) -> Value {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("record.json");
    command.args(["watch", "--plain", "--record"]).arg(&file);
    let ended = run(command).await;
    assert!(ended.status.success(), "{}\n{}", text(&ended.stdout), text(&ended.stderr));
    let record = std::fs::read(file).expect("a record");
    let record: Value = serde_json::from_slice(&record).expect("JSON");
    record["runs"][0].clone()
}

/// The events of a lane, as `(microseconds, what happened, its text or its end)`.
fn events<'a>(run: &'a Value, lane: &str) -> Vec<(u64, &'a str, &'a str)> {
    let lanes = run["lanes"].as_array().expect("lanes");
    let id = lanes.iter().position(|it| it["name"] == lane);
    let id = id.unwrap_or_else(|| panic!("no {lane} in {lanes:#?}")) as u64;
    let events = run["events"].as_array().expect("events").iter();
    let events = events.filter(|event| event["lane"].as_u64() == Some(id));
    let field = |event: &'a Value, name: &str| event[name].as_str().unwrap_or_default();
    events
        .map(|event| {
            let (what, said) = (field(event, "what"), field(event, "text"));
            let detail = if said.is_empty() { field(event, "how") } else { said };
            (event["at"].as_u64().expect("a time"), what, detail)
        })
        .collect()
}

/// When the section has printed this line.
fn printed_at(run: &Value, text: &str) -> u64 {
    let events = run["events"].as_array().expect("events");
    let line = events.iter().find(|it| it["text"].as_str() == Some(text));
    line.unwrap_or_else(|| panic!("no {text:?}"))["at"].as_u64().expect("a time")
}

/// A worker is started after the first line, so it does nothing before it; and nothing after it is dead. Its
/// own clock begins with it, so times that are not compared would be wrong by its start.
fn check(run: &Value, first_line: &str) {
    let (started, killed) =
        (printed_at(run, first_line), printed_at(run, "worker-2 is killed"));
    let processes = run["processes"].as_array().expect("processes");
    assert_eq!(processes.len(), 3, "{processes:?}");
    for process in processes {
        let name = process["name"].as_str().expect("a name");
        let within = process["within"].as_u64().expect("a bound");
        assert!(within > 0, "{process}");
        for slot in ["slot 1", "slot 2"] {
            let events = events(run, &format!("{name} › {slot}"));
            let (first, last) = (events[0], events[events.len() - 1]);
            assert!(first.0 + within >= started, "{name}: {first:?} before {started}");
            if name == "worker-2" {
                assert_eq!(last.2, "dropped", "{name}: {last:?}");
                assert!(last.0 <= killed + within, "{name}: {last:?} after {killed}");
            } else {
                assert_eq!(last.2, "done", "{name}: {last:?}");
            }
        }
    }
}

#[tokio::test]
async fn without_a_server_the_workers_are_tasks() {
    let run = recorded(distributed()).await;
    check(&run, "only one process can open it: three tasks record themselves instead");
}

#[tokio::test]
async fn on_a_server_the_workers_are_processes() {
    for server in SERVERS {
        match env::var_os(server).filter(|address| !address.is_empty()) {
            Some(address) => {
                let mut command = distributed();
                command.env(server, address);
                check(&recorded(command).await, "each worker is a process");
            }
            // Not `eprintln!`, whose text a passed test hides.
            None => writeln!(io::stderr(), "SKIPPED: {server} is not set").expect("it"),
        }
    }
}

#[tokio::test]
async fn a_worker_without_its_parent_ends_with_a_message() {
    for (arguments, message) in [
        (&["watched", "--folder"][..], "--folder needs a value"),
        (&["watched", "--nam"], "invalid option '--nam'"),
        (&["watched"], "needs --name NAME"),
        (&["watched", "--name", "a"], "the parent has closed the connection"),
    ] {
        let mut command = distributed();
        command.args(arguments);
        let ended = run(command).await;
        let error = text(&ended.stderr);
        assert_eq!(ended.status.code(), Some(1), "{arguments:?}: {error}");
        assert!(error.contains(message), "{arguments:?}: {error}");
    }
}
