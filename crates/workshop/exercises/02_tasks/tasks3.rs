//! tasks3 · 10 minutes · report how each task ended
//!
//! A newsletter goes to four addresses, each in a task of its own. One server refuses its letter, which is
//! an expected error. One address has no `@`, which is a bug: its task panics, and prints the panic. The
//! report is wrong. Let it name what was sent, what was refused and why, and what crashed.
//!
//! Section: `cargo run -p tasks -- outcomes`. Code: crates/02-tasks/src/outcomes.rs.
//! Page: docs/src/02-tasks.md.

use anyhow::ensure;
use async_kit::{Lane, Millis, exercise};
use tokio::time::sleep;

async fn send_all() -> Report {
    let addresses = ["ada@example.com", "bob@example.org", "cem", "dai@example.com"];
    let start = |address| tokio::spawn(send(address).try_lane(address));
    let tasks: Vec<_> = addresses.into_iter().map(start).collect();
    let mut report = Report::default();
    // TODO: the result of a handle contains the result of `send`, so there are three outcomes.
    for task in tasks {
        match task.await {
            Ok(_) => report.sent += 1,
            Err(_) => report.crashed += 1,
        }
    }
    report
}

// What follows does not change.

#[derive(Debug, Default, PartialEq)]
struct Report {
    sent: u32,
    /// The reasons of the servers that refused a letter.
    refused: Vec<String>,
    /// The letters whose task panicked.
    crashed: u32,
}

async fn send(address: &str) -> anyhow::Result<()> {
    sleep(30.ms()).step("send").await;
    let (name, server) = address.split_once('@').expect("an address has an @");
    ensure!(server != "example.org", "{server} refuses letters for {name}");
    Ok(())
}

fn main() {
    // One panic is expected, and needs no backtrace.
    std::panic::set_hook(Box::new(|panic| eprintln!("{panic}")));
    exercise::show(send_all());
}

#[cfg(test)]
mod tests {
    use async_kit::exercise;

    use super::{Report, send_all};

    #[test]
    fn the_report_has_the_outcome_of_each_letter() {
        std::panic::set_hook(Box::new(|panic| eprintln!("{panic}")));
        let run = exercise::observe(send_all());
        let Report { sent, refused, crashed } = run.output();
        let sent_is_wrong = if *sent > 2 {
            "`Ok(_)` of a handle means that the task ended without a panic. The value inside is the \
             task's own result, and it may be an error."
        } else {
            "A letter that was refused, or whose task panicked, ends the report. Await every handle, and \
             look at each result."
        };
        let refused_is_wrong = if refused.is_empty() {
            "The error of the task is dropped. A report must keep its text."
        } else {
            "Only what `send` returns as an error was refused. A task that panicked has crashed."
        };
        run.concurrently("send", 4, "The letters are sent one after the other.")
            .require(
                *sent == 2,
                format!("{sent} letters count as sent"),
                "2 were sent",
                sent_is_wrong,
            )
            .require(
                *crashed == 1,
                format!("{crashed} letters count as crashed"),
                "1 crashed",
                "A task that panicked returns a `JoinError`; a refusal is an `Err` inside an `Ok`.",
            )
            .require(
                matches!(&refused[..], [why] if why.contains("example.org refuses letters for bob")),
                format!("the reasons are {refused:?}"),
                "the error of the one letter that was refused",
                refused_is_wrong,
            );
    }
}
