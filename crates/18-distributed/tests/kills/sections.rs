//! The sections that start processes show what they claim, on each form.

use std::time::Duration;

use async_kit::TimeLimit;
use distributed::Form;
use tokio::process::Command;

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
        "duplicate: true; letters in the queue: 1",
        "duplicate: false; letters in the queue: 2",
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
        "one process: 37 addresses, 30 requests",
        "killed at the step \"appended\"",
        "several processes: 37 addresses",
        "each has the depth and the outcome that one process decides",
    ];
    prints("crawl", &expected).await;
}
