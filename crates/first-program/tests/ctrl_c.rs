//! The real processes complete their accepted orders after Ctrl-C, and one ends at the second Ctrl-C.

#![cfg(unix)]

use std::{process::Stdio, time::Duration};

use rustix::process::{Pid, Signal, kill_process};
use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    process::{Child, ChildStdout, Command},
    time::timeout,
};

/// Longer than any machine needs.
const TIMEOUT: Duration = Duration::from_secs(60);

const ORDERS: &str = env!("CARGO_BIN_EXE_orders");
const BAKERS: &str = env!("CARGO_BIN_EXE_bakers");

const STOPPED: &str = "no more orders are accepted";

/// The process, and the lines that it has printed. If the test ends early, it is killed.
struct Bakery {
    child: Child,
    output: Lines<BufReader<ChildStdout>>,
    printed: Vec<String>,
}

impl Bakery {
    fn start(program: &str) -> Self {
        let mut child = Command::new(program)
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("the program starts");
        let output = child.stdout.take().expect("it is piped");
        Self { child, output: BufReader::new(output).lines(), printed: Vec::new() }
    }

    fn press_ctrl_c(&self) {
        let pid = self.child.id().expect("it runs");
        let pid = Pid::from_raw(pid as i32).expect("no process has the id 0");
        kill_process(pid, Signal::INT).expect("permission to send a signal");
    }

    /// Returns when the process has printed a line that ends so, or its last line.
    async fn until(&mut self, wanted: &str) {
        while let Some(line) = self.output.next_line().await.expect("text") {
            self.printed.push(line);
            if self.printed.last().is_some_and(|line| line.ends_with(wanted)) {
                break;
            }
        }
    }

    /// Its exit code and all its lines.
    async fn ended(mut self) -> (Option<i32>, Vec<String>) {
        self.until("a line that it never prints").await;
        (self.child.wait().await.expect("it ends").code(), self.printed)
    }
}

/// The orders are done in their order. At the stop, one is in the oven and one in the queue. The next
/// one is either in the queue too, or still waits for its slot and is not accepted.
fn assert_drained(printed: &[String]) {
    let at = printed.iter().position(|line| line == STOPPED).expect("a stop");
    let (last, lines) = printed.split_last().expect("a line");
    assert_eq!(last, "all accepted orders are done", "{printed:#?}");
    let done: Vec<_> = lines.iter().filter(|line| *line != STOPPED).collect();
    let numbers: Vec<_> =
        (1..=done.len()).map(|n| format!("order {n} is done")).collect();
    assert_eq!(done, numbers.iter().collect::<Vec<_>>());
    assert!(matches!(done.len() - at, 2 | 3), "{printed:#?}");
}

/// What a program prints that Ctrl-C stops after its first order, and that ends as it should.
async fn stopped_after_the_first_order(program: &str) -> Vec<String> {
    let ended = timeout(TIMEOUT, async {
        let mut bakery = Bakery::start(program);
        bakery.until("order 1 is done").await;
        bakery.press_ctrl_c();
        bakery.ended().await
    });
    let (code, printed) = ended.await.expect("the program ends");
    assert_eq!(code, Some(0), "{printed:#?}");
    printed
}

#[tokio::test]
async fn ctrl_c_completes_the_accepted_orders() {
    let printed = stopped_after_the_first_order(ORDERS).await;
    assert_drained(&printed);
}

#[test]
fn the_book_shows_an_output_that_the_program_can_have() {
    let shown = include_str!("../output/orders.txt").lines();
    // The terminal writes `^C` where the key was pressed.
    let (keys, printed): (Vec<_>, Vec<_>) = shown.partition(|line| *line == "^C");
    assert_eq!(keys.len(), 1);
    assert_drained(&printed.into_iter().map(str::to_owned).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_second_ctrl_c_ends_the_process_immediately() {
    let interrupted = timeout(TIMEOUT, async {
        loop {
            let mut bakery = Bakery::start(ORDERS);
            bakery.until("order 1 is done").await;
            bakery.press_ctrl_c();
            bakery.until(STOPPED).await;
            bakery.press_ctrl_c();
            // On a machine that was busy for as long as the orders take, the signal came too late.
            match bakery.ended().await {
                (Some(0), _) => {}
                ended => return ended,
            }
        }
    });
    let (code, printed) = interrupted.await.expect("the signal comes early enough once");
    assert_eq!(code, Some(130), "{printed:#?}");
    assert_eq!(printed.last().map(String::as_str), Some(STOPPED), "{printed:#?}");
}

/// Which baker does which order is not certain, because the program has several threads.
#[tokio::test]
async fn ctrl_c_lets_each_baker_complete_the_accepted_orders() {
    let printed = stopped_after_the_first_order(BAKERS).await;
    let number = |line: &String| {
        let (_, order) = line.split_once(": order ")?;
        order.strip_suffix(" is done")?.parse::<usize>().ok()
    };
    let mut done: Vec<_> = printed.iter().filter_map(number).collect();
    done.sort_unstable();
    assert!(done.len() > 1, "{printed:#?}");
    assert_eq!(done, (1..=done.len()).collect::<Vec<_>>(), "{printed:#?}");
    let at_home = printed.iter().filter(|line| line.ends_with(" goes home"));
    assert_eq!(at_home.count(), 3, "{printed:#?}");
}
