//! A run in virtual time that cannot continue is reported within a few seconds.
//!
//! The stuck runs are the ignored tests at the end. A test starts each of them as a separate process.
//! The harness captures its output there, so these tests also show that a report is printed in spite
//! of the capture.

use std::{
    env,
    io::{self, BufRead, BufReader, Read, Write},
    path::Path,
    process::{Child, ChildStdin, Command, Stdio},
    sync::{LazyLock, Mutex, mpsc},
    thread,
    time::Duration,
};

use async_kit::{Lane, Millis, say, virtual_time};
use tokio::{
    net::TcpListener,
    sync::{self, Notify},
    task::yield_now,
    time::{interval, sleep},
};

/// How long a test waits for a report. A report is due within five seconds, but on a busy machine it
/// may take longer.
const TEST_LIMIT: Duration = Duration::from_secs(60);

/// The line that [`five_seconds_of_short_sleeps`] prints at its end.
const TOO_LATE: &str = "five seconds are over";

/// The stuck tests that take seconds. They are started together, so that they wait concurrently.
static SLOW: LazyLock<Mutex<Vec<Stuck>>> = LazyLock::new(|| {
    let slow = [
        "thread_sleep",
        #[cfg(unix)]
        "suspended",
        "busy_loop",
        "forgotten_ticker",
        "costly_ticker",
        "ticks_forever",
        "yields_forever",
        "says_lines_forever",
    ];
    Mutex::new(slow.map(Stuck::start).into())
});

/// A process that runs one of the stuck tests.
pub(crate) struct Stuck {
    test: &'static str,
    process: Child,
    lines: mpsc::Receiver<String>,
}

impl Stuck {
    pub(crate) fn slow(test: &str) -> Self {
        let mut slow = SLOW.lock().unwrap();
        let index = slow.iter().position(|stuck| stuck.test == test);
        slow.swap_remove(index.expect("a test of the list, used once"))
    }

    fn start(test: &'static str) -> Self {
        let this = env::current_exe().expect("the path of the running test");
        let mut process = at_low_priority(&this)
            .args(["--ignored", "--exact", &format!("watchdogs::stuck::{test}")])
            .env("RUST_BACKTRACE", "0")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("a second process of this test program");
        let (sender, lines) = mpsc::channel();
        read(process.stdout.take().expect("piped"), sender.clone(), None);
        read(process.stderr.take().expect("piped"), sender, process.stdin.take());
        Self { test, process, lines }
    }

    /// Asserts that lines with these parts are printed, and returns the output up to the last of them.
    pub(crate) fn prints(&self, parts: &[&str]) -> String {
        let mut printed = String::new();
        for part in parts {
            while !printed.lines().any(|line| line.contains(part)) {
                match self.lines.recv_timeout(TEST_LIMIT) {
                    Ok(line) => printed += &(line + "\n"),
                    Err(_) => panic!("no {part:?} after:\n{printed}"),
                }
            }
        }
        printed
    }

    /// Like [`prints`](Self::prints), and asserts that the short sleeps of the process have not ended.
    fn prints_in_time(&self, parts: &[&str]) -> String {
        let printed = self.prints(parts);
        assert!(!printed.contains(TOO_LATE), "{printed}");
        printed
    }

    /// Waits for the end of the process, and returns the rest of its output.
    pub(crate) fn rest(&self) -> String {
        self.lines.iter().map(|line| line + "\n").collect()
    }

    pub(crate) fn exit_code(&mut self) -> Option<i32> {
        self.process.wait().expect("the process ends").code()
    }
}

/// A command with a low priority: most stuck runs keep one core busy, and the other tests need it.
fn at_low_priority(program: &Path) -> Command {
    if cfg!(not(unix)) {
        return Command::new(program);
    }
    let mut command = Command::new("nice");
    command.args(["-n", "10"]).arg(program);
    command
}

/// Sends each line of the pipe, and ends this input of the process with the first line.
fn read(
    pipe: impl Read + Send + 'static,
    sender: mpsc::Sender<String>,
    mut input: Option<ChildStdin>,
) {
    thread::spawn(move || {
        let mut lines = BufReader::new(pipe).lines().map_while(Result::ok);
        lines.try_for_each(|line| {
            drop(input.take());
            sender.send(line)
        })
    });
}

/// Sleeps 500 times for 10 ms, and then prints a line.
///
/// A report that must come within five seconds by the clock would fail on a busy machine. But there
/// each of the 500 sleeps is as late as each of the 22 samples of the watchdog. So the load delays
/// this line more than the report.
fn five_seconds_of_short_sleeps() {
    (0..500).for_each(|_| thread::sleep(10.ms()));
    // The harness would capture the output of `eprintln!`.
    writeln!(io::stderr(), "{TOO_LATE}").expect("the test reads it");
}

/// Sleeps until this process has written a line to standard error, which is the report.
///
/// On a busy machine the report is late. A sleep of a fixed length would end before it, or last longer
/// than the further 2.2 s after which the watchdog ends the process.
fn sleep_until_the_input_ends() {
    let input = thread::spawn(|| io::copy(&mut io::stdin(), &mut io::sink()));
    while !input.is_finished() {
        thread::sleep(10.ms());
    }
}

impl Drop for Stuck {
    fn drop(&mut self) {
        // The process may have ended by itself, and then `kill` fails.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn a_forgotten_sender_is_a_deadlock() {
    let mut run = Stuck::start("forgotten_sender");
    run.prints(&[
        "DEADLOCK at 1.50s: nothing is left to run and no timer is pending.",
        "   consumer  has waited since 1.00s, after saying \"consumed 9\"   (lane made at ",
        "   and 1 task without a lane",
        "is one still held?",
    ]);
    assert_eq!(run.exit_code(), Some(101));
}

#[test]
fn two_locks_taken_in_opposite_orders_are_a_deadlock() {
    Stuck::start("opposite_locks").prints(&[
        "DEADLOCK at 0.01s",
        "   left   has waited since 0.01s, and said nothing",
        "   right  has waited since 0.01s, and said nothing",
    ]);
}

#[test]
fn a_wake_up_that_came_before_its_waiter_is_a_deadlock() {
    Stuck::start("lost_wake_up").prints(&[
        "DEADLOCK at 0.002s",
        "   waiter  has waited since 0.002s, after saying \"checked: not ready\"",
    ]);
}

#[test]
fn a_sleeping_thread_is_blocked_and_the_run_fails_after_the_sleep() {
    let run = Stuck::slow("thread_sleep");
    let printed = run.prints_in_time(&[
        "BLOCKED at 0.02s: one poll has held the runtime for ",
        "   sleeper  holds the runtime, after saying \"good night\"",
        "   other    has waited since 0.01s",
        "await `tokio::time::sleep`",
    ]);
    let held = printed
        .split_once("has held the runtime for ")
        .and_then(|(_, rest)| rest.split_once(" s."));
    let held: f64 = held.expect("a number").0.parse().expect("seconds");
    assert!(held > 4.0, "a poll of four seconds is not aborted:\n{printed}");
    let rest = run.rest();
    assert!(rest.contains("1 failed"), "the stuck test did not fail:\n{rest}");
}

#[cfg(unix)]
#[test]
fn a_run_that_was_suspended_after_its_report_still_fails_by_itself() {
    let run = Stuck::slow("suspended");
    run.prints(&["BLOCKED at "]);
    let rest = run.rest();
    assert!(rest.contains("1 failed"), "the stuck test did not fail:\n{rest}");
}

#[test]
fn a_forgotten_ticker_does_not_hide_a_stuck_section() {
    let mut run = Stuck::slow("forgotten_ticker");
    run.prints_in_time(&[
        "ENDLESS at ",
        "   ticker    still runs, last at ",
        "   consumer  has waited since 0.00s, after saying \"ready\"",
    ]);
    assert_eq!(run.exit_code(), Some(101));
}

#[test]
fn a_ticker_that_computes_does_not_hide_a_stuck_section() {
    Stuck::slow("costly_ticker").prints(&[
        "ENDLESS at ",
        "   ticker    still runs, last at ",
        "   consumer  has waited since 0.00s, after saying \"ready\"",
    ]);
}

#[test]
fn a_section_that_ticks_forever_is_endless() {
    let run = Stuck::slow("ticks_forever");
    run.prints(&["ENDLESS at ", "   ticker  still runs"]);
}

#[test]
fn a_section_that_yields_forever_is_endless() {
    let run = Stuck::slow("yields_forever");
    run.prints(&["ENDLESS at 0.00s", "   spinner  still runs", "`yield_now`"]);
}

#[test]
fn a_section_that_yields_and_says_lines_forever_is_endless() {
    let run = Stuck::slow("says_lines_forever");
    run.prints(&["ENDLESS at 0.00s", "   printer  still runs", "`yield_now`"]);
}

#[test]
fn a_socket_fails_immediately_with_a_hint() {
    Stuck::start("socket").prints(&[
        "REAL TIME NEEDED at 0.01s: a socket was used in virtual time.",
        "In a chapter mark this section real-time",
    ]);
    Stuck::start("socket_of_a_task").prints(&["REAL TIME NEEDED at 0.00s"]);
}

mod stuck {
    use std::sync::Arc;

    use super::*;

    #[test]
    #[ignore = "it gets stuck: another test starts it"]
    fn forgotten_sender() {
        virtual_time(async {
            let (sender, mut receiver) = sync::mpsc::channel(1);
            let consumer = async move {
                while let Some(item) = receiver.recv().await {
                    say!("consumed {item}");
                }
            };
            let consumer = tokio::spawn(consumer.lane("consumer"));
            sleep(1000.ms()).await;
            sender.send(9).await.unwrap();
            sleep(500.ms()).await;
            consumer.await.unwrap();
            drop(sender);
        });
    }

    async fn both(first: Arc<sync::Mutex<()>>, second: Arc<sync::Mutex<()>>) {
        let _first = first.lock().await;
        sleep(10.ms()).await;
        let _second = second.lock().await;
    }

    #[test]
    #[ignore = "it gets stuck: another test starts it"]
    fn opposite_locks() {
        virtual_time(async {
            let (a, b) = <(Arc<sync::Mutex<()>>, Arc<sync::Mutex<()>>)>::default();
            let left = tokio::spawn(both(a.clone(), b.clone()).lane("left"));
            let right = tokio::spawn(both(b, a).lane("right"));
            left.await.unwrap();
            right.await.unwrap();
        });
    }

    #[test]
    #[ignore = "it gets stuck: another test starts it"]
    fn lost_wake_up() {
        virtual_time(async {
            let ready = Arc::new(Notify::new());
            let waiter = {
                let ready = ready.clone();
                async move {
                    say!("checked: not ready");
                    sleep(2.ms()).await;
                    ready.notified().await;
                }
            };
            let waiter = tokio::spawn(waiter.lane("waiter"));
            sleep(1.ms()).await;
            // Unlike `notify_one`, `notify_waiters` wakes only the tasks that already wait.
            ready.notify_waiters();
            waiter.await.unwrap();
        });
    }

    #[test]
    #[ignore = "it gets stuck: another test starts it"]
    fn thread_sleep() {
        virtual_time(async {
            let other = tokio::spawn(interval_of(10.ms()).lane("other"));
            let sleeper = async {
                sleep(20.ms()).await;
                say!("good night");
                thread::spawn(five_seconds_of_short_sleeps);
                sleep_until_the_input_ends();
            };
            sleeper.lane("sleeper").await;
            other.abort();
        });
    }

    #[cfg(unix)]
    #[test]
    #[ignore = "it gets stuck: another test starts it"]
    fn suspended() {
        virtual_time(async {
            sleep_until_the_input_ends();
            // Longer than the 2.2 s after which the watchdog ends the process.
            let suspend = "kill -STOP $PPID; sleep 2.5; kill -CONT $PPID";
            Command::new("sh").args(["-c", suspend]).status().expect("a shell");
        });
    }

    async fn interval_of(period: Duration) {
        let mut ticks = interval(period);
        loop {
            ticks.tick().await;
        }
    }

    #[test]
    #[ignore = "it gets stuck: another test starts it"]
    fn busy_loop() {
        virtual_time(
            async {
                loop {
                    std::hint::spin_loop();
                }
            }
            .lane("busy"),
        );
    }

    #[test]
    #[ignore = "it gets stuck: another test starts it"]
    fn forgotten_ticker() {
        thread::spawn(five_seconds_of_short_sleeps);
        virtual_time(stuck_beside(interval_of(10.ms())));
    }

    async fn stuck_beside(ticker: impl Future<Output = ()> + Send + 'static) {
        let _ticker = tokio::spawn(ticker.lane("ticker"));
        let (_sender, mut receiver) = sync::mpsc::channel::<u8>(1);
        let consumer = async {
            say!("ready");
            receiver.recv().await
        };
        consumer.lane("consumer").await;
    }

    #[test]
    #[ignore = "it gets stuck: another test starts it"]
    fn costly_ticker() {
        virtual_time(stuck_beside(async {
            let mut ticks = interval(3.ms());
            loop {
                ticks.tick().await;
                // Like a computation: virtual time passes at most three times as fast as real time.
                thread::sleep(1.ms());
            }
        }));
    }

    #[test]
    #[ignore = "it gets stuck: another test starts it"]
    fn ticks_forever() {
        virtual_time(interval_of(100.ms()).lane("ticker"));
    }

    #[test]
    #[ignore = "it gets stuck: another test starts it"]
    fn yields_forever() {
        let spinner = async {
            loop {
                yield_now().await;
            }
        };
        virtual_time(spinner.lane("spinner"));
    }

    #[test]
    #[ignore = "it gets stuck: another test starts it"]
    fn says_lines_forever() {
        let printer = async {
            for n in 0.. {
                say!("{n}");
                yield_now().await;
            }
        };
        virtual_time(printer.lane("printer"));
    }

    #[test]
    #[ignore = "it gets stuck: another test starts it"]
    fn socket() {
        virtual_time(async {
            sleep(10.ms()).await;
            TcpListener::bind("127.0.0.1:0").await.unwrap();
        });
    }

    #[test]
    #[ignore = "it gets stuck: another test starts it"]
    fn socket_of_a_task() {
        virtual_time(async {
            let server = tokio::spawn(TcpListener::bind("127.0.0.1:0"));
            server.await.unwrap().unwrap();
        });
    }
}
