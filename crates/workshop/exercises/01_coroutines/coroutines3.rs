//! coroutines3 · 10 minutes · let two futures await the same result
//!
//! Two invoices need the exchange rate of the same moment. They are prepared concurrently, and each
//! needs the rate only at its end. The program does not compile, because the first invoice consumes
//! the future of the rate. Ask the bank once, and let no invoice wait longer than necessary: the
//! second invoice alone takes 100 ms, and so should the whole run.
//!
//! Section: `cargo run -p coroutines -- shared`. Code: crates/01-coroutines/src/shared.rs.
//! Page: docs/src/01-coroutines.md.

use async_kit::{Lane, Millis, exercise, say};
use tokio::{join, time::sleep};

// TODO: both invoices need the rate.
async fn both_invoices() -> (u32, u32) {
    let rate = exchange_rate();
    let first = invoice(80, rate).lane("invoice 1");
    let second = invoice(200, rate).lane("invoice 2");
    join!(first, second)
}

// A larger invoice takes longer.
async fn invoice(dollars: u32, rate: impl Future<Output = u32>) -> u32 {
    sleep(1.ms() * dollars / 2).step("preparing").await;
    let cents = dollars * rate.await;
    say!("costs {cents} cents");
    cents
}

// The bank does not change. It returns the cents of a dollar.
async fn exchange_rate() -> u32 {
    say!("the bank is asked");
    sleep(50.ms()).await;
    92
}

fn main() {
    exercise::show(both_invoices());
}

#[cfg(test)]
mod tests {
    use async_kit::{Millis, exercise};

    use super::both_invoices;

    #[test]
    fn the_bank_is_asked_once_while_the_invoices_are_prepared() {
        let run = exercise::observe(both_invoices());
        let mistake = "Each invoice multiplies its dollars by the rate. It waits for the rate, also if \
                       the bank has not answered when the invoice is prepared.";
        let asked =
            run.lines().iter().filter(|it| it.text == "the bank is asked").count();
        run.require(
            asked == 1,
            format!("the bank was asked {asked} times"),
            "it is asked once",
            "Each call of `exchange_rate` makes a future of its own. Share one future.",
        )
        .concurrently("preparing", 2, "One invoice is prepared after the other.")
        .takes(
            100.ms(),
            "An invoice needs the rate only after its preparation. Here it waits earlier.",
        )
        .returns((7_360, 18_400), mistake);
    }
}
