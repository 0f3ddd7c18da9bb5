//! A run in virtual time that cannot go on is reported within a few seconds.
//!
//! The stuck runs are the ignored tests at the end: each is started by a test as a process of its
//! own, under the harness's output capture, so that a report proves to be seen through it.

use std::{
    env,
    io::{self, BufRead, BufReader, Read, Write},
    path::Path,
    process::{Child, Command, Stdio},
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

/// How long a test waits for a report: not the five seconds in which one is due, but long enough
/// for a crowded machine.
const BOUND: Duration = Duration::from_secs(60);

/// What [`five_seconds_of_naps`] prints when they are over.
const TOO_LATE: &str = "five seconds are over";

/// The stuck tests that take their time, started together, so that they wait together.
static SLOW: LazyLock<Mutex<Vec<Stuck>>> = LazyLock::new(|| {
    let slow = [
        "thread_sleep",
        "busy_loop",
        "forgotten_ticker",
        "costly_ticker",
        "asks_for_ever",
        "yields_for_ever",
        "says_for_ever",
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
        let place = slow.iter().position(|stuck| stuck.test == test).expect("a slow one");
        slow.swap_remove(place)
    }

    fn start(test: &'static str) -> Self {
        let this = env::current_exe().expect("a test knows its own file");
        let mut process = patient(&this)
            .args(["--ignored", "--exact", &format!("watchdogs::stuck::{test}")])
            .env("RUST_BACKTRACE", "0")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("this test runs once more");
        let (tell, lines) = mpsc::channel();
        read(process.stdout.take().expect("piped"), tell.clone());
        read(process.stderr.take().expect("piped"), tell);
        Self { test, process, lines }
    }

    /// Asserts that lines with these parts are printed, and returns everything up to the last.
    pub(crate) fn prints(&self, parts: &[&str]) -> String {
        let mut printed = String::new();
        for part in parts {
            while !printed.lines().any(|line| line.contains(part)) {
                match self.lines.recv_timeout(BOUND) {
                    Ok(line) => printed += &(line + "\n"),
                    Err(_) => panic!("no {part:?} after:\n{printed}"),
                }
            }
        }
        printed
    }

    /// Asserts the same, and that it happened before the naps of the process were over.
    fn prints_in_time(&self, parts: &[&str]) -> String {
        let printed = self.prints(parts);
        assert!(!printed.contains(TOO_LATE), "{printed}");
        printed
    }

    /// What it prints from now on.
    pub(crate) fn rest(&self) -> String {
        self.lines.iter().map(|line| line + "\n").collect()
    }

    pub(crate) fn exit_code(&mut self) -> Option<i32> {
        self.process.wait().expect("the process ends").code()
    }
}

/// A command that takes only what the others leave: most stuck runs would hold a core each, and
/// the tests beside them wait for it.
fn patient(program: &Path) -> Command {
    if cfg!(not(unix)) {
        return Command::new(program);
    }
    let mut command = Command::new("nice");
    command.args(["-n", "10"]).arg(program);
    command
}

fn read(pipe: impl Read + Send + 'static, tell: mpsc::Sender<String>) {
    thread::spawn(move || {
        let mut lines = BufReader::new(pipe).lines().map_while(Result::ok);
        lines.try_for_each(|line| tell.send(line))
    });
}

/// Takes five seconds of naps, and then prints a line.
///
/// A watchdog that is late because the machine is busy looks too slow on any clock. But each of
/// 500 naps is as late as each of its two dozen looks: load moves the line more than the report.
fn five_seconds_of_naps() {
    nap(500);
    // Not `eprintln!`, which the harness captures.
    writeln!(io::stderr(), "{TOO_LATE}").expect("the test reads it");
}

fn nap(times: usize) {
    (0..times).for_each(|_| thread::sleep(10.ms()));
}

impl Drop for Stuck {
    fn drop(&mut self) {
        // It may have ended by itself.
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
        "is one still held somewhere?",
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
        "   waiter  has waited since 0.002s, after saying \"looked, and saw nothing\"",
    ]);
}

#[test]
fn a_sleeping_thread_is_blocked_and_the_run_fails_when_it_wakes_up() {
    let run = Stuck::slow("thread_sleep");
    let printed = run.prints_in_time(&[
        "BLOCKED at 0.02s: the runtime has been held for ",
        "   sleeper  holds the runtime, after saying \"good night\"",
        "   other    has waited since 0.01s",
        "await `tokio::time::sleep`",
    ]);
    let held =
        printed.split_once("held for ").and_then(|(_, rest)| rest.split_once(" s by"));
    let held: f64 = held.expect("a figure").0.parse().expect("seconds");
    assert!(held > 4.0, "a poll of four seconds is not aborted:\n{printed}");
    let rest = run.rest();
    assert!(rest.contains("1 failed"), "it ended as a failed test:\n{rest}");
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
fn a_ticker_that_works_hard_does_not_hide_a_stuck_section() {
    Stuck::slow("costly_ticker").prints(&[
        "ENDLESS at ",
        "   ticker    still runs, last at ",
        "   consumer  has waited since 0.00s, after saying \"ready\"",
    ]);
}

#[test]
fn asking_again_and_again_is_endless() {
    let run = Stuck::slow("asks_for_ever");
    run.prints(&["ENDLESS at ", "   asker  still runs"]);
}

#[test]
fn yielding_for_ever_is_endless() {
    let run = Stuck::slow("yields_for_ever");
    run.prints(&["ENDLESS at 0.00s", "   spinner  still runs", "`yield_now`"]);
}

#[test]
fn saying_so_while_yielding_for_ever_is_endless() {
    let run = Stuck::slow("says_for_ever");
    run.prints(&["ENDLESS at 0.00s", "   chatterbox  still runs", "`yield_now`"]);
}

#[test]
fn a_socket_fails_at_once_and_says_what_to_do() {
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
    #[ignore = "never ends well: started by another test"]
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
    #[ignore = "never ends well: started by another test"]
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
    #[ignore = "never ends well: started by another test"]
    fn lost_wake_up() {
        virtual_time(async {
            let bell = Arc::new(Notify::new());
            let waiter = {
                let bell = bell.clone();
                async move {
                    say!("looked, and saw nothing");
                    sleep(2.ms()).await;
                    bell.notified().await;
                }
            };
            let waiter = tokio::spawn(waiter.lane("waiter"));
            sleep(1.ms()).await;
            // Unlike `notify_one` it wakes only the tasks that already wait.
            bell.notify_waiters();
            waiter.await.unwrap();
        });
    }

    #[test]
    #[ignore = "never ends well: started by another test"]
    fn thread_sleep() {
        virtual_time(async {
            let other = tokio::spawn(interval_of(10.ms()).lane("other"));
            let sleeper = async {
                sleep(20.ms()).await;
                say!("good night");
                five_seconds_of_naps();
                nap(50);
            };
            sleeper.lane("sleeper").await;
            other.abort();
        });
    }

    async fn interval_of(period: Duration) {
        let mut ticks = interval(period);
        loop {
            ticks.tick().await;
        }
    }

    #[test]
    #[ignore = "never ends well: started by another test"]
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
    #[ignore = "never ends well: started by another test"]
    fn forgotten_ticker() {
        thread::spawn(five_seconds_of_naps);
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
    #[ignore = "never ends well: started by another test"]
    fn costly_ticker() {
        virtual_time(stuck_beside(async {
            let mut ticks = interval(3.ms());
            loop {
                ticks.tick().await;
                // As if it computed: time passes at most three times as fast as the real one.
                thread::sleep(1.ms());
            }
        }));
    }

    #[test]
    #[ignore = "never ends well: started by another test"]
    fn asks_for_ever() {
        virtual_time(interval_of(100.ms()).lane("asker"));
    }

    #[test]
    #[ignore = "never ends well: started by another test"]
    fn yields_for_ever() {
        let spinner = async {
            loop {
                yield_now().await;
            }
        };
        virtual_time(spinner.lane("spinner"));
    }

    #[test]
    #[ignore = "never ends well: started by another test"]
    fn says_for_ever() {
        let chatterbox = async {
            for n in 0.. {
                say!("{n}");
                yield_now().await;
            }
        };
        virtual_time(chatterbox.lane("chatterbox"));
    }

    #[test]
    #[ignore = "never ends well: started by another test"]
    fn socket() {
        virtual_time(async {
            sleep(10.ms()).await;
            TcpListener::bind("127.0.0.1:0").await.unwrap();
        });
    }

    #[test]
    #[ignore = "never ends well: started by another test"]
    fn socket_of_a_task() {
        virtual_time(async {
            let server = tokio::spawn(TcpListener::bind("127.0.0.1:0"));
            server.await.unwrap().unwrap();
        });
    }
}
