//! Real processes share a crawl, on each server and in a folder, and are killed by a real SIGKILL.

use std::{
    collections::VecDeque,
    io::{Write, stderr},
    time::{Duration, Instant},
};

use async_kit::lab::Lab;
use distributed::{Child, Form, Location, Printed, crawl::Step};
use tokio::{process::Command, time::sleep};

use super::{
    brokers::{expected, requested, shown},
    on_all::{on_all_stored, open},
    support::shared,
};

const SITE: &str = super::brokers::SITE;

/// Fewer than the workers that may die with one page: on a busy machine, each one dies with the first page.
const KILLS: usize = 4;

/// A process of a crawl of the lab's site.
fn start(location: &Location, lab: &Lab, options: &[&str]) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_distributed"));
    command.arg("crawler").arg(lab.url(SITE)).args(location.arguments());
    command.args(["--max-depth=9", "--max-pages=1000", "--requests=2"]);
    command.args(["--ack-wait-ms=500"]).args(options);
    Child::start(command).expect("a process")
}

/// Waits until it has ended with 0, and returns its lines.
async fn end(mut child: Child) -> Vec<String> {
    let mut lines = Vec::new();
    loop {
        let printed = child.next().await;
        match printed.unwrap_or_else(|error| panic!("{error}, after {lines:#?}")) {
            None => break,
            Some(Printed::Line(line)) => lines.push(line),
            Some(Printed::Step(step)) => panic!("it stops at {step}"),
        }
    }
    let status = child.wait().await.expect("it ends");
    assert!(status.success(), "{status}: {lines:#?}");
    lines
}

async fn assert_result(location: &Location, lab: &Lab, in_flight: usize) {
    let broker = open(location).await;
    assert_eq!(shown(&shared(&broker).await), expected().await);
    let (once, twice) = requested(lab);
    assert_eq!(once, 30, "on {}", location.form());
    // More than that only if this machine was busy for longer than `ack_wait`.
    if twice > in_flight {
        println!("{twice} pages were requested twice on {}", location.form());
    }
}

/// Each process continues what the one before it has left.
#[tokio::test]
async fn a_process_is_killed_at_each_step_and_nothing_is_lost() {
    on_all_stored(async |location| {
        let lab = Lab::start().await.expect("a lab");
        let steps = [
            (Step::Claimed, 1),
            (Step::Received, 2),
            (Step::Requested, 3),
            (Step::Published, 3),
            (Step::Collected, 2),
            (Step::Appended, 2),
            (Step::Acked, 2),
        ];
        for (step, nth) in steps {
            let stop_at = format!("--stop-at={}:{nth}", step.name());
            let mut dying = start(location, &lab, &[&stop_at]);
            assert_eq!(dying.next_step().await.expect("it is reached"), step.name());
            dying.kill().await.expect("it is killed");
        }
        end(start(location, &lab, &[])).await;
        report_killed(steps.len(), location);
        assert_result(location, &lab, 2 * steps.len()).await;
    })
    .await;
}

/// Three processes at a time, or one in a folder. If one is killed, another one takes its place.
#[tokio::test]
async fn processes_are_killed_at_random_times_and_nothing_is_lost() {
    on_all_stored(async |location| {
        let lab = Lab::start().await.expect("a lab");
        let at_a_time = if location.form() == Form::Embedded { 1 } else { 3 };
        let new = || start(location, &lab, &[]);
        let mut running: VecDeque<_> = (0..at_a_time).map(|_| new()).collect();
        for _ in 0..KILLS {
            sleep(Duration::from_millis(fastrand::u64(0..120))).await;
            let mut oldest = running.pop_front().expect("one");
            oldest.kill().await.expect("it is killed");
            running.push_back(new());
        }
        for process in running {
            end(process).await;
        }
        report_killed(KILLS, location);
        assert_result(location, &lab, 2 * KILLS).await;
    })
    .await;
}

/// `just kills` adds them up. Not `eprintln!`: the test harness captures it.
fn report_killed(killed: usize, location: &Location) {
    let killed = format!("KILLED {killed} on {}", location.form());
    writeln!(stderr(), "{killed}").expect("standard error");
}

/// The pause between two requests is that of the host, and not of a process. Their exact distances are
/// checked in virtual time.
#[tokio::test]
async fn three_processes_are_no_faster_than_the_delay_allows() {
    on_all_stored(async |location| {
        let lab = Lab::start().await.expect("a lab");
        let began = Instant::now();
        let delay = "--delay-ms=40";
        let mut others = Vec::new();
        if location.form() != Form::Embedded {
            others.extend([
                start(location, &lab, &[delay]),
                start(location, &lab, &[delay]),
            ]);
        }
        let mut lines = end(start(location, &lab, &[delay])).await;
        for other in others {
            lines.extend(end(other).await);
        }
        let took = began.elapsed();
        let requests = lines.iter().filter(|line| line.starts_with("requests ")).count();
        let stats = lab.stats();
        assert_eq!(stats.requests, requests as u64, "{lines:#?}");
        assert_eq!(stats.peak_in_flight, 1, "{stats}");
        let least = Duration::from_millis(40) * (requests as u32 - 1);
        assert!(took >= least, "{requests} requests in {took:?}");
        assert_result(location, &lab, 0).await;
    })
    .await;
}

#[cfg(unix)]
#[tokio::test]
async fn after_sigterm_a_process_exits_with_0_and_the_next_one_continues() {
    on_all_stored(async |location| {
        let lab = Lab::start().await.expect("a lab");
        let mut first = start(location, &lab, &[]);
        lab.wait_until(|stats| stats.requests >= 8).await;
        while first.next().await.expect("a line") != Some(Printed::Line("ready".into())) {
        }
        first.terminate().expect("it is asked to end");
        let lines = end(first).await;
        assert!(lines.iter().any(|line| line.starts_with("SIGTERM")), "{lines:#?}");
        end(start(location, &lab, &[])).await;
        assert_result(location, &lab, 0).await;
    })
    .await;
}

#[tokio::test]
async fn wrong_arguments_are_named_and_no_password_is() {
    for (arguments, expected) in [
        (&[][..], "no address to start from"),
        (&["http://ann:secret@h:x/"], "is not an address"),
        (&["mailto:ann@h"], "must begin with http"),
        (&["http://h/", "--max-pages=0"], "--max-pages"),
        (&["http://h/", "--ack-wait-ms=0"], "--ack-wait-ms"),
        (&["http://h/", "--requests=none"], "--requests"),
        (&["http://h/", "--stop-at=soon"], "soon"),
        (&["http://h/", "--stop-at=acked:x"], "acked"),
        (&["http://h/", "--fast"], "--fast"),
        (&["http://h/", "-x"], "-x"),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let mut command = Command::new(env!("CARGO_BIN_EXE_distributed"));
        command.arg("crawler").args(arguments).arg("--folder").arg(folder.path());
        let ended = command.kill_on_drop(true).output().await.expect("it ends");
        let printed = String::from_utf8_lossy(&ended.stderr);
        assert_eq!(ended.status.code(), Some(1), "{arguments:?}: {printed}");
        assert!(printed.contains(expected), "{arguments:?}: {printed}");
        assert!(!printed.contains("secret"), "{arguments:?}: {printed}");
    }
}

#[tokio::test]
async fn a_crawl_of_a_site_that_is_down_ends_with_failures_and_not_with_an_error() {
    on_all_stored(async |location| {
        let lab = Lab::start().await.expect("a lab");
        let gone = Lab::start().await.expect("a lab").url("/");
        let lines = end(start(location, &lab, &[&gone, "--max-pages=1"])).await;
        assert!(
            lines.last().is_some_and(|line| line.starts_with("ends: ")),
            "{lines:#?}"
        );
    })
    .await;
}
