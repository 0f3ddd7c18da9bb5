//! The sections that start processes show what they claim, on each form.

use std::time::Duration;
#[cfg(target_os = "linux")]
use std::{fs, process::Stdio};

use async_kit::TimeLimit;
use distributed::Form;
#[cfg(target_os = "linux")]
use rustix::process::{Pid, Signal, kill_process};
use tokio::process::Command;
#[cfg(target_os = "linux")]
use tokio::{select, time::sleep};

use crate::fixture::on_all;

/// What a section prints on this form. It has a namespace of its own.
async fn printed(section: &str, form: Form) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_distributed"));
    if form != Form::JetStream {
        command.env_remove("NATS_URL");
    }
    if form == Form::Embedded {
        command.env_remove("DATABASE_URL");
    }
    let ended = command.arg(section).kill_on_drop(true).output();
    let ended = ended.within(Duration::from_secs(60)).await.expect("it ends");
    let ended = ended.expect("it starts");
    let errors = String::from_utf8_lossy(&ended.stderr);
    let printed = String::from_utf8_lossy(&ended.stdout).into_owned();
    assert!(ended.status.success(), "{section} on {form}: {printed}{errors}");
    printed
}

async fn prints(section: &str, expected: &[&str]) {
    on_all(async |fixture| {
        let form = fixture.form();
        let printed = printed(section, form).await;
        for line in expected {
            assert!(printed.contains(line), "{section} on {form}: no {line}: {printed}");
        }
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn durable_keeps_what_was_acknowledged() {
    let expected = [
        "5 letters were sent",
        "2 letters are acknowledged, 3 are in the queue",
        "5 letters are acknowledged, 5 are in the queue",
        "killed at the step \"received\"",
        "4 letters are in the queue",
    ];
    prints("durable", &expected).await;
}

#[tokio::test]
async fn a_keyed_effect_happens_once() {
    let expected = [
        "unkeyed: effects of letter-1: 2",
        "keyed: effects of letter-2: 1",
        "is a duplicate; letters in the queue: 1",
        "is stored; letters in the queue: 2",
    ];
    prints("effects", &expected).await;
}

#[tokio::test]
async fn drain_delivers_each_letter_once() {
    let expected = [
        "12 letters, 12 deliveries",
        "the slow worker exits with 1",
        "takes letter-99, delivery 2",
    ];
    prints("drain", &expected).await;
}

#[tokio::test]
async fn several_processes_crawl_as_one() {
    let expected = [
        "one process: 37 addresses",
        "killed at the step \"appended\"",
        "several processes: 37 addresses",
        "each has the depth and the outcome that one process decides",
    ];
    prints("crawl", &expected).await;
}

/// A reader may end a child, and a server may fail. A section that waited for what the child does no
/// longer would never end.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn drain_ends_when_a_child_is_killed() {
    for (role, error) in [
        ("publisher", "publisher was killed by a signal"),
        ("worker", "worker-1 v1 has ended before it was asked to"),
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_distributed"));
        command.env_remove("NATS_URL").env_remove("DATABASE_URL").arg("drain");
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        let section = command.spawn().expect("it starts");
        let id = section.id().expect("it runs");
        let ended = section.wait_with_output().within(Duration::from_secs(60));
        let ended = select! {
            ended = ended => ended.expect("it ends").expect("it is read"),
            () = kill_each_child(id, role) => unreachable!("it never returns"),
        };
        let errors = String::from_utf8_lossy(&ended.stderr);
        assert_eq!(ended.status.code(), Some(1), "{role}: {errors}");
        assert!(errors.contains(error), "{role}: {errors}");
    }
}

/// Kills the children of a process that have this role, as soon as they are seen.
#[cfg(target_os = "linux")]
async fn kill_each_child(parent: u32, role: &str) {
    loop {
        let tasks = fs::read_dir(format!("/proc/{parent}/task"));
        for task in tasks.into_iter().flatten().flatten() {
            let children = fs::read_to_string(task.path().join("children"));
            for child in children.unwrap_or_default().split_whitespace() {
                let arguments = fs::read_to_string(format!("/proc/{child}/cmdline"));
                if arguments.is_ok_and(|line| line.split('\0').nth(1) == Some(role)) {
                    let child = child.parse().ok().and_then(Pid::from_raw);
                    // It may have ended by itself.
                    let _ = kill_process(child.expect("a number"), Signal::KILL);
                }
            }
        }
        sleep(Duration::from_millis(5)).await;
    }
}
