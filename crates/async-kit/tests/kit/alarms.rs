//! A run that is only slow is not reported as stuck, and a run that never yields is ended.

use std::{
    any::type_name_of_val,
    thread::{self, Scope},
    time::Instant,
};

use async_kit::{Millis, say, virtual_time};
use tokio::{
    task::{self, yield_now},
    time::{interval, sleep},
};

use super::watchdogs::Stuck;

/// Both cases take about seven seconds of real time. As one test they take one thread of the test
/// harness, which starts tests in the order of their names. This module is the first, so all other
/// tests run during the wait.
#[test]
fn a_slow_run_is_not_reported_and_a_busy_loop_is_ended() {
    thread::scope(|threads| {
        start(threads, a_run_that_is_only_slow_is_not_reported);
        start(threads, a_busy_loop_is_blocked_and_the_process_ends);
    });
}

/// Runs a case in a separate thread, named after the case: the message of a panic has that name.
fn start<'scope>(
    threads: &'scope Scope<'scope, '_>,
    case: impl FnOnce() + Send + 'scope,
) {
    let thread = thread::Builder::new().name(type_name_of_val(&case).into());
    thread.spawn_scoped(threads, case).expect("a thread");
}

fn a_busy_loop_is_blocked_and_the_process_ends() {
    let mut run = Stuck::slow("busy_loop");
    run.prints(&["BLOCKED at 0.00s", "   busy  holds the runtime"]);
    let rest = run.rest();
    assert!(rest.contains("The run has still not ended: the process ends now."));
    assert_eq!(run.exit_code(), Some(101), "{rest}");
}

fn a_run_that_is_only_slow_is_not_reported() {
    // If a run is reported, it panics, and so does its thread.
    thread::scope(|threads| {
        start(threads, two_thousand_hours_of_ticks);
        start(threads, four_seconds_of_yielding);
        start(threads, four_seconds_in_one_poll);
        start(threads, seven_seconds_of_printing_and_computing);
        start(threads, seven_seconds_of_heavy_steps);
        start(threads, six_seconds_in_sixty_tasks);
        start(threads, six_seconds_on_a_blocking_thread);
    });
}

fn two_thousand_hours_of_ticks() {
    virtual_time(async {
        let ticker = tokio::spawn(async {
            let mut ticks = interval(3600.secs());
            for _ in 0..2000 {
                ticks.tick().await;
            }
        });
        ticker.await.unwrap();
    });
}

fn four_seconds_of_yielding() {
    virtual_time(async {
        let start = Instant::now();
        while start.elapsed() < 4.secs() {
            yield_now().await;
        }
    });
}

fn four_seconds_in_one_poll() {
    virtual_time(async {
        for _ in 0..40 {
            thread::sleep(100.ms());
        }
    });
}

fn seven_seconds_of_printing_and_computing() {
    virtual_time(async {
        for step in 0..70 {
            say!("step {step}");
            thread::sleep(100.ms());
            yield_now().await;
        }
    });
}

fn seven_seconds_of_heavy_steps() {
    virtual_time(async {
        let silent = async {
            for _ in 0..70 {
                thread::sleep(100.ms());
                sleep(10.ms()).await;
            }
        };
        tokio::spawn(silent).await.unwrap();
    });
}

fn six_seconds_in_sixty_tasks() {
    // One task fewer than the scheduler polls before it polls the root, so it does not poll the root
    // for 6 s.
    virtual_time(async {
        let work = || tokio::spawn(async { thread::sleep(100.ms()) });
        for worker in (0..60).map(|_| work()).collect::<Vec<_>>() {
            worker.await.unwrap();
        }
    });
}

fn six_seconds_on_a_blocking_thread() {
    let waited = virtual_time(async {
        let start = tokio::time::Instant::now();
        task::spawn_blocking(|| thread::sleep(6.secs())).await.unwrap();
        start.elapsed()
    });
    assert_eq!(waited, 0.ms(), "the virtual clock does not advance");
}
