//! A wrong answer is refused with what happened, what was expected, its likely mistake and its run.

use std::{
    env,
    future::pending,
    panic::{AssertUnwindSafe, catch_unwind},
    process::{Command, Output},
    sync::atomic::{AtomicUsize, Ordering::SeqCst},
    time::Duration,
};

use async_kit::{
    Lane, Millis,
    exercise::{
        Observed, Tally, UNKNOWN, cancelled_everywhere, observe, observe_in_real_time,
        observe_or,
    },
    say,
    stage::record::Ending,
};
use futures::future::join_all;
use tokio::{
    spawn,
    sync::{Mutex, Notify, mpsc},
    task::spawn_blocking,
    time::{sleep, timeout},
};

/// What the learner reads.
#[track_caller]
fn refusal<T>(check: impl FnOnce() -> T) -> String {
    let refused = catch_unwind(AssertUnwindSafe(check)).err().expect("it is refused");
    *refused.downcast::<String>().expect("a refusal is a text")
}

/// Asserts that the text has these lines, one after the other. A narrow terminal breaks them into
/// more lines.
#[track_caller]
fn assert_has(text: &str, lines: &[&str]) {
    assert!(words(text).contains(&words(&lines.join("\n"))), "{text}");
}

/// The text with one space between words.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

async fn one_by_one() -> u32 {
    for name in ["a", "b"] {
        sleep(100.ms()).step("fetch").lane(name).await;
        say!("{name} is here");
    }
    2
}

#[test]
fn a_right_answer_passes_every_assertion() {
    observe(one_by_one())
        .takes(200.ms(), "")
        .takes_at_most(200.ms(), "")
        .concurrently("fetch", 1, "")
        .never_more_than("fetch", 1, "")
        .prints_at(100.ms(), "a is here", "")
        .prints_like_asyncio("[  0.100s] a is here\n[  0.200s] b is here\n", "")
        .prints_as_predicted(&[(100, "a is here"), (200, "b is here")], "")
        .ends("b", Ending::Done, "")
        .returns(2, "")
        .require(true, "", "", "");
}

#[test]
fn each_assertion_refuses_another_run_and_says_what_happened() {
    type Check = fn(&Observed<u32>);
    let checks: [(Check, [&str; 2]); 8] = [
        (
            |run| {
                run.takes(100.ms(), "They wait.");
            },
            ["   happened:  the run took 200 ms", "   expected:  it takes 100 ms"],
        ),
        (
            |run| {
                run.takes_at_most(199.ms(), "They wait.");
            },
            [
                "   happened:  the run took 200 ms",
                "   expected:  it takes at most 199 ms",
            ],
        ),
        (
            |run| {
                run.concurrently("fetch", 2, "They wait.");
            },
            [
                "   happened:  at most 1 in \"fetch\" at the same time",
                "   expected:  2 at the same time",
            ],
        ),
        (
            |run| {
                run.never_more_than("fetch", 0, "They wait.");
            },
            [
                "   happened:  1 in \"fetch\" at the same time",
                "   expected:  never more than 0",
            ],
        ),
        (
            |run| {
                run.prints_at(150.ms(), "a is here", "They wait.");
            },
            ["   happened:  [  0.100s] a is here", "   expected:  [  0.150s] a is here"],
        ),
        (
            |run| {
                run.prints_at(100.ms(), "c is here", "They wait.");
            },
            ["   happened:  no line \"c is here\"", "   expected:  [  0.100s] c is here"],
        ),
        (
            |run| {
                run.ends("a", Ending::Dropped, "They wait.");
            },
            ["   happened:  lane \"a\" runs to its end", "   expected:  it is cancelled"],
        ),
        (
            |run| {
                run.returns(3, "They wait.");
            },
            ["   happened:  it returned 2", "   expected:  it returns 3"],
        ),
    ];
    let run = observe(one_by_one());
    for (check, [happened, expected]) in checks {
        let text = refusal(|| check(&run));
        assert_has(&text, &[happened, expected, "   likely:    They wait."]);
        assert_has(&text, &["   [  0.100s] a is here", "   [  0.200s] b is here"]);
        assert_has(&text, &["at most 1 fetch"]);
        assert!(
            text.contains("   checked in crates/async-kit/tests/kit/exercise.rs:"),
            "{text}"
        );
    }
}

#[test]
fn two_transcripts_that_differ_are_shown_side_by_side() {
    let run = observe(one_by_one());
    let asyncio = "[  0.100s] a is here\n[  0.100s] b is here\n";
    let text = refusal(|| run.prints_like_asyncio(asyncio, "They wait."));
    assert_has(&text, &["   likely:    They wait.", "   asyncio   your run"]);
    let shorter = refusal(|| run.prints_as_predicted(&[(100, "a is here")], "It ends."));
    assert_has(&shorter, &["   likely:    It ends.", "   your prediction   the run"]);
    run.prints_as_predicted(&[(100, "a is here"), (200, "b is here")], "");
}

#[test]
fn a_time_that_is_too_long_by_less_than_a_millisecond_is_shown_as_too_long() {
    let run = observe_in_real_time(async {});
    let limit = run.recording().end - Duration::from_nanos(1);
    let text = refusal(|| run.takes_at_most(limit, "It waits."));
    let time = |before: &str| {
        let text = words(&text);
        let (_, rest) = text.split_once(before).expect("the message has it");
        rest.split_once(" ms").expect("a time").0.to_owned()
    };
    assert_ne!(time("the run took "), time("it takes at most "), "{text}");
}

#[test]
fn an_incomplete_prediction_does_not_show_the_run() {
    let run = observe(one_by_one());
    let text =
        refusal(|| run.prints_as_predicted(&[(UNKNOWN, "a is here")], "It waits."));
    assert!(text.starts_with("\n   Replace each 9999 by a time first."), "{text}");
    assert!(!text.contains("is here"), "{text}");
}

#[test]
fn a_prediction_that_is_not_in_the_order_of_its_times_does_not_show_the_run() {
    let run = observe(one_by_one());
    let lines = [(200, "b is here"), (100, "a is here")];
    let text = refusal(|| run.prints_as_predicted(&lines, "It waits."));
    assert!(text.starts_with("\n   Put your lines into the order of their times first."));
    assert!(!text.contains("is here"), "{text}");
}

#[test]
fn an_answer_that_never_ends_gets_the_mistake_of_the_exercise() {
    let stuck = async { Notify::new().notified().lane("waiter").await };
    let text = refusal(|| observe_or(stuck, "Nothing notifies the waiter."));
    assert!(text.contains("\nDEADLOCK at 0.00s: nothing is left to run"), "{text}");
    assert_has(&text, &["   likely:    Nothing notifies the waiter."]);
    let text = refusal(|| observe_or(async { panic!("no permit") }, "It never ends."));
    assert!(text.contains("The run panicked: no permit"), "{text}");
    assert!(!text.contains("likely:"), "{text}");
}

#[test]
fn an_answer_that_never_ends_is_refused_with_its_timeline() {
    let text =
        refusal(|| observe(async { Notify::new().notified().lane("waiter").await }));
    assert!(text.contains("\nDEADLOCK at 0.00s: nothing is left to run"), "{text}");
    assert!(text.contains("   1 lane: 1 → unfinished"), "{text}");
}

#[test]
fn a_deadlock_of_ten_thousand_lanes_is_refused_with_a_short_text() {
    let text = refusal(|| {
        observe(async {
            let waits = (0..10_000).map(|n| spawn(pending::<()>().lane(n.to_string())));
            join_all(waits.collect::<Vec<_>>()).await
        })
    });
    assert!(text.contains("   and 9984 more lanes\n"), "{text}");
    // 68 lines in 80 columns, and more in a narrow terminal.
    assert!(text.lines().count() < 200, "{text}");
}

#[test]
fn an_answer_that_prints_without_end_is_refused() {
    let text = refusal(|| {
        observe(async {
            loop {
                say!("tick");
                sleep(10.ms()).await;
            }
        })
    });
    assert!(
        text.contains("\nENDLESS: the run printed 10000 lines and has not ended."),
        "{text}"
    );
    assert!(text.contains("   … and 9977 more\n"), "{text}");
}

static TICKS: AtomicUsize = AtomicUsize::new(0);

fn tick_forever() {
    loop {
        say!("tick");
        TICKS.fetch_add(1, SeqCst);
    }
}

#[test]
fn a_loop_that_prints_without_an_await_is_ended_wherever_it_runs() {
    let texts = [
        refusal(|| observe(async { tick_forever() })),
        refusal(|| observe(async { spawn(async { tick_forever() }).await })),
        refusal(|| observe(async { spawn_blocking(tick_forever).await })),
        refusal(|| observe_in_real_time(async { tick_forever() })),
    ];
    for text in texts {
        let endless = "\nENDLESS: the run printed 10000 lines and has not ended.";
        assert!(text.contains(endless), "{text}");
    }
    // No loop went on after the last allowed line.
    assert_eq!(TICKS.load(SeqCst), 4 * 10_000);
}

#[test]
fn a_destructor_that_prints_while_a_loop_is_ended_does_not_abort_the_process() {
    struct Says;
    impl Drop for Says {
        fn drop(&mut self) {
            say!("dropped");
        }
    }
    let text = refusal(|| {
        observe(async {
            let _says = Says;
            loop {
                say!("tick");
            }
        })
    });
    assert!(text.contains("\nENDLESS: the run printed 10000 lines"), "{text}");
}

#[test]
fn a_run_with_more_events_than_a_recording_keeps_is_refused() {
    let many = async {
        for _ in 0..40_000 {
            async {}.lane("short").await;
        }
    };
    let text = refusal(|| observe_or(many, "Make one lane."));
    assert!(text.contains("\nTOO MUCH: the run has more than 100000 lines"), "{text}");
    assert_has(&text, &["   likely:    Make one lane."]);
}

#[test]
fn an_answer_that_panics_is_refused_with_its_panic() {
    let panics = async {
        say!("before");
        assert_eq!(1 + 1, 3, "on purpose");
    };
    let text = refusal(|| observe(panics));
    assert!(text.contains("\nThe run panicked: assertion"), "{text}");
    assert!(text.contains("on purpose"), "{text}");
    assert_has(&text, &["   [  0.000s] before"]);
    // The line of the `assert_eq`, and not that of the check.
    let place = format!("\n   at {}:{}:9\n", file!(), line!() - 7);
    assert!(text.ends_with(&place), "{text}");
}

#[test]
fn a_run_in_real_time_has_threads_and_is_checked_like_any_other() {
    let answer = async {
        say!("before");
        spawn_blocking(|| say!("on a thread")).await.unwrap();
        7
    };
    let run = observe_in_real_time(answer);
    run.returns(7, "");
    let texts: Vec<_> = run.lines().iter().map(|line| line.text.as_str()).collect();
    assert_eq!(texts, ["before", "on a thread"]);
}

/// A counter that loses the item which it has received, if it is cancelled while it saves it.
async fn careless(
    receiver: &Mutex<mpsc::Receiver<&str>>,
    saved: &Mutex<Vec<&'static str>>,
) {
    if receiver.lock().await.recv().await.is_some() {
        sleep(10.ms()).await;
        saved.lock().await.push("item");
    }
}

type State = (Mutex<mpsc::Receiver<&'static str>>, Mutex<Vec<&'static str>>);

async fn one_item() -> State {
    let (send, receive) = mpsc::channel(1);
    send.send("item").await.unwrap();
    (Mutex::new(receive), Mutex::default())
}

async fn is_saved_or_waits((receiver, saved): &State) -> Result<(), String> {
    let waits = receiver.lock().await.try_recv().is_ok();
    match waits || !saved.lock().await.is_empty() {
        true => Ok(()),
        false => Err("the item is neither saved nor in the queue".to_owned()),
    }
}

#[test]
fn an_answer_that_loses_an_item_is_shown_where_it_was_cancelled() {
    let text = refusal(|| {
        cancelled_everywhere(
            one_item,
            async |(receiver, saved)| careless(receiver, saved).await,
            is_saved_or_waits,
            "Save the item before the next await.",
        );
    });
    assert_has(
        &text,
        &[
            "   happened:  cancelled while it waited (wait 1), and 60 s later: the item is",
            "              neither saved nor in the queue",
            "   expected:  nothing is lost, wherever it is cancelled",
            "   likely:    Save the item before the next await.",
        ],
    );
}

#[test]
fn a_run_inside_a_run_is_refused_with_what_to_do() {
    type Start = fn();
    let starts: [Start; 3] = [
        || drop(observe(async {})),
        || drop(observe_in_real_time(async {})),
        || cancelled_everywhere(async || (), async |()| (), async |()| Ok(()), ""),
    ];
    for start in starts {
        let text = refusal(|| observe(async move { start() }));
        assert!(text.contains("starts its own runtime: start it outside any"), "{text}");
    }
}

#[test]
fn a_panic_is_shown_without_its_escapes() {
    let text = refusal(|| observe(async { panic!("\u{1b}[2Jfirst\nsecond") }));
    assert!(text.contains("\nThe run panicked: \u{fffd}[2Jfirst\nsecond\n"), "{text}");
}

#[test]
fn an_answer_that_never_waits_is_refused_because_it_cannot_be_cancelled() {
    let nothing = async |_: &State| ();
    let text = refusal(|| {
        cancelled_everywhere(one_item, nothing, is_saved_or_waits, "Save it.")
    });
    assert_has(
        &text,
        &[
            "   happened:  your code never waited",
            "   expected:  it waits, and can be cancelled there",
            "   likely:    Nothing is awaited: is a future made and dropped?",
        ],
    );
}

#[test]
fn an_answer_that_loses_nothing_passes() {
    let careful = async |(receiver, saved): &State| {
        sleep(10.ms()).await;
        if let Some(item) = receiver.lock().await.recv().await {
            saved.lock().await.push(item);
        }
    };
    cancelled_everywhere(one_item, careful, is_saved_or_waits, "");
}

#[test]
fn a_tally_counts_values_that_a_cancel_drops_too() {
    let items = Tally::default();
    let held = items.clone();
    observe(async move {
        let hold = async {
            let _item = held.track();
            sleep(Duration::MAX).await;
        };
        let _ = timeout(10.ms(), hold).await;
    });
    assert_eq!((items.alive(), items.peak()), (0, 1));
}

#[test]
fn the_second_check_that_refuses_an_answer_prints_only_that() {
    let (output, _) = run_alone("refused_twice");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("   likely:    The first message."), "{text}");
    assert!(text.contains("This check refuses the answer too."), "{text}");
    assert!(!text.contains("The second message."), "{text}");
}

/// What another process of this test program prints, and how it ends, if it runs only this test.
fn run_alone(test: &str) -> (Output, String) {
    let this = env::current_exe().expect("the path of the running test");
    let output = Command::new(this)
        .args(["--ignored", "--exact", &format!("exercise::ending::{test}")])
        .output()
        .expect("a second process of this test program");
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    (output, text)
}

#[cfg(unix)]
#[test]
fn an_answer_that_ends_the_process_fails_the_test_whichever_thread_ends_it() {
    for test in
        ["in_the_answer", "on_a_blocking_thread", "on_a_thread", "while_cancelled"]
    {
        let (output, text) = run_alone(test);
        assert!(!output.status.success(), "{test}: {output:?}");
        assert!(
            text.contains("Your code ended the whole process with `std::process::exit`"),
            "{test}: {text}"
        );
    }
}

#[test]
fn a_panic_while_an_answer_is_cancelled_names_the_check_that_cancelled_it() {
    let (output, _) = run_alone("in_a_destructor");
    let text = String::from_utf8_lossy(&output.stdout);
    let cut = "whose future was dropped while waiting (wait 1)";
    let cut = text.lines().find(|line| line.contains(cut)).expect("it is printed");
    assert!(cut.contains("tests/kit/exercise.rs:"), "{cut}");
}

#[test]
fn a_blocked_answer_ends_the_process_with_the_report_of_the_watchdog_alone() {
    let (output, text) = run_alone("never");
    assert_eq!(output.status.code(), Some(101), "{output:?}");
    assert!(text.contains("BLOCKED at 0.00s: one poll"), "{text}");
    assert!(!text.contains("std::process::exit"), "{text}");
}

/// Answers that end their test or the whole process: each runs in a process of its own.
mod ending {
    use std::{process::exit, thread};

    use super::*;

    #[test]
    #[ignore = "it ends the process"]
    fn in_the_answer() {
        observe(async { exit(0) });
    }

    #[test]
    #[ignore = "it ends the process"]
    fn on_a_blocking_thread() {
        observe(async { spawn_blocking(|| exit(0)).await });
    }

    #[test]
    #[ignore = "it ends the process"]
    fn on_a_thread() {
        observe_in_real_time(async {
            let exits = thread::spawn(|| exit(0));
            spawn_blocking(|| exits.join()).await
        });
    }

    #[test]
    #[ignore = "it ends the process"]
    fn while_cancelled() {
        let answer = async |_: &()| {
            thread::spawn(|| exit(0)).join().expect("the process ends before");
        };
        cancelled_everywhere(async || (), answer, async |()| Ok(()), "");
    }

    #[test]
    #[ignore = "it fails"]
    fn refused_twice() {
        let run = observe(async { 1 });
        refusal(|| run.returns(2, "The first message.").output().to_owned());
        run.returns(3, "The second message.");
    }

    #[test]
    #[ignore = "it panics"]
    fn in_a_destructor() {
        struct Panics;
        impl Drop for Panics {
            fn drop(&mut self) {
                panic!("on purpose");
            }
        }
        let answer = async |_: &()| {
            let _panics = Panics;
            sleep(10.ms()).await;
        };
        cancelled_everywhere(async || (), answer, async |()| Ok(()), "");
    }

    #[test]
    #[ignore = "the watchdog ends the process after seconds"]
    fn never() {
        observe(async {
            loop {
                thread::park();
            }
        });
    }
}
