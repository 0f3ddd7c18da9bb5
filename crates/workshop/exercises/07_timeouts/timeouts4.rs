//! timeouts4 · 15 minutes · let mailers finish within a grace period
//!
//! Mailers send invoices by e-mail, one after the other. After 100 ms the office closes. Then a mailer
//! must finish the invoice that it is sending, because a half invoice confuses the customer, and must
//! start no other one. The office closes when all mailers have finished, but waits for them no longer
//! than 150 ms: a mailer that needs longer is aborted. Now `close` aborts all of them immediately.
//!
//! Section: `cargo run -p timeouts -- shutdown`. Code: crates/07-timeouts/src/shutdown.rs.
//! Page: docs/src/07-timeouts.md.

use async_kit::{Lane, Millis, exercise, say};
use tokio::{
    task::JoinSet,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

/// Do not change it: an invoice takes a mailer this many milliseconds.
async fn send_invoice(takes: u64) {
    sleep(takes.ms()).step("sending").await;
    say!("has sent an invoice");
}

// TODO: end between two invoices when the office closes.
async fn mailer(takes: u64, closes: CancellationToken) {
    loop {
        send_invoice(takes).await;
    }
}

// TODO: let the mailers finish, for 150 ms at most.
async fn close(mut mailers: JoinSet<()>, closes: CancellationToken) {
    mailers.abort_all();
    while mailers.join_next().await.is_some() {}
}

async fn run(mailers: &'static [u64]) {
    let (mut tasks, closes) = (JoinSet::new(), CancellationToken::new());
    for takes in mailers {
        let name = format!("mailer-{takes}");
        tasks.spawn(mailer(*takes, closes.clone()).lane(name));
    }
    sleep(100.ms()).await;
    say!("the office closes");
    let closed = timeout(10.secs(), close(tasks, closes));
    closed.await.expect("the office closes");
}

fn main() {
    exercise::show(run(&[40, 70, 400]));
}

#[cfg(test)]
mod tests {
    use async_kit::{Millis, exercise, say, stage::record::Ending};
    use tokio::time::sleep;

    use super::run;

    #[test]
    fn check_1_each_mailer_finishes_its_invoice_and_the_office_waits_no_longer() {
        let run = exercise::observe(run(&[40, 70]));
        let half = "An invoice is cut off in the middle: `abort` and `run_until_cancelled` drop it \
                    at its await. Check the token between two invoices, and wait for every mailer, \
                    not only for the first.";
        run.prints_at(120.ms(), "mailer-40 has sent an invoice", half);
        run.prints_at(140.ms(), "mailer-70 has sent an invoice", half);
        let last = run.lines().iter().map(|line| line.at).max().unwrap_or_default();
        run.require(
            last == 140.ms(),
            format!("the last invoice is sent at {} ms", last.as_millis()),
            "the last one is sent at 140 ms: it was started before the office closed",
            "A mailer starts a new invoice after the token was cancelled, or the token is never \
             cancelled.",
        );
        run.takes(
            140.ms(),
            "150 ms is only the limit of the wait. Do not wait until it has passed.",
        );
    }

    #[test]
    fn check_2_after_the_grace_period_slow_mailers_are_aborted() {
        let run = exercise::observe(async {
            run(&[40, 400, 500, 600]).await;
            say!("the office is closed");
            sleep(1.secs()).await;
        });
        let closed = run.lines().iter().find(|line| line.text == "the office is closed");
        run.require(
            closed.is_some_and(|line| line.at >= 250.ms()),
            "the office does not wait until 250 ms",
            "mailers that still send have 150 ms to finish",
            "`close` ends the mailers, or returns, before their grace period has passed.",
        );
        run.prints_at(
            250.ms(),
            "the office is closed",
            "150 ms is the limit for all mailers together. It does not start again for each.",
        );
        for lane in ["mailer-400", "mailer-500", "mailer-600"] {
            let leak = "Nothing aborts the mailer: dropping the handle of a task, or a future that \
                        waits for it, does not end the task.";
            run.ends(lane, Ending::Dropped, leak);
        }
    }
}
