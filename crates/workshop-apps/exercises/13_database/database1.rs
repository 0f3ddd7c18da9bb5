//! database1 · 10 minutes · let a sale happen completely or not at all
//!
//! A bookshop sells books. `sell` records the sale, prints a slip, and takes the copy off the shelf.
//! There is one copy, and the table refuses a number below zero. So the second customer gets an error,
//! but the sale stays recorded. The same happens if a customer leaves while the slip is printed,
//! because then the future of `sell` is dropped.
//!
//! Change `sell`: a sale is complete, or it leaves nothing behind.
//!
//! Section: `cargo run -p database -- transaction`. Code: crates/13-database/src/transaction.rs.
//! Page: docs/src/13-database.md.

use async_kit::{Lane, Millis, exercise, say};
use sqlx::{
    SqlitePool, query, query_as, raw_sql,
    sqlite::{SqliteConnectOptions, SqlitePoolOptions, SqliteSynchronous},
};
use tempfile::TempDir;
use tokio::time::sleep;

// TODO: keep the two statements together.
async fn sell(shop: &SqlitePool, customer: &str) -> sqlx::Result<()> {
    query("INSERT INTO sales (customer) VALUES ($1)")
        .bind(customer)
        .execute(shop)
        .await?;
    print_slip().await;
    query("UPDATE shelf SET copies = copies - 1").execute(shop).await?;
    Ok(())
}

// The code below is given. Do not change it.

async fn print_slip() {
    sleep(5.ms()).step("printing").await;
}

const TABLES: &str = "CREATE TABLE sales (customer TEXT NOT NULL);
    CREATE TABLE shelf (copies INTEGER NOT NULL CHECK (copies >= 0));
    INSERT INTO shelf VALUES (1);";

/// The folder of the database is deleted when it is dropped.
async fn open() -> (TempDir, SqlitePool) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = SqliteConnectOptions::new().filename(folder.path().join("shop.db"));
    let file = file.create_if_missing(true).synchronous(SqliteSynchronous::Off);
    let one = SqlitePoolOptions::new().max_connections(1).acquire_timeout(3.secs());
    let shop = one.connect_with(file).await.expect("a database");
    raw_sql(TABLES).execute(&shop).await.expect("new tables");
    (folder, shop)
}

/// How many sales are written down, and how many copies are on the shelf.
async fn count(shop: &SqlitePool) -> (i64, i64) {
    let counts = "SELECT (SELECT count(*) FROM sales), copies FROM shelf";
    query_as(counts).fetch_one(shop).await.expect("the tables exist")
}

async fn run() -> [(i64, i64); 2] {
    let (_folder, shop) = open().await;
    let mut counts = [(0, 0); 2];
    for (customer, count_after) in ["ada", "bob"].into_iter().zip(&mut counts) {
        match sell(&shop, customer).lane(customer).await {
            Ok(()) => say!("{customer} has the book"),
            Err(error) => say!("{customer} gets nothing: {error}"),
        }
        *count_after = count(&shop).await;
        say!("sales and copies: {count_after:?}");
    }
    counts
}

fn main() {
    exercise::show_in_real_time(run());
}

#[cfg(test)]
mod tests {
    use std::{future::poll_fn, pin::pin, task::Poll};

    use async_kit::{
        Lane, exercise,
        stage::record::{Recorder, What},
    };

    use super::{count, open, run, sell};

    fn in_words((sales, copies): (i64, i64)) -> String {
        let sales = format!("{sales} sale{}", if sales == 1 { "" } else { "s" });
        let copies = match copies {
            1 => "1 copy".to_owned(),
            _ => format!("{copies} copies"),
        };
        format!("{sales}, {copies}")
    }

    #[test]
    fn a_sale_of_the_last_copy_is_complete() {
        let run = exercise::observe_in_real_time(run());
        let [ada, _] = *run.output();
        let happened = format!("after ada's sale: {}", in_words(ada));
        let waited = run.lines().iter().any(|line| line.text.contains("pool timed out"));
        let likely = match ada {
            _ if waited => {
                "A statement that runs on the pool waits for a second connection, and the pool \
                 has only one: run it on the transaction."
            }
            (0, 1) => "Nothing was kept: without `commit` a transaction is rolled back.",
            _ => "Both statements must run, and on the same connection.",
        };
        run.require(ada == (1, 0), happened, "1 sale, 0 copies", likely);
    }

    #[test]
    fn a_refused_sale_leaves_nothing_behind() {
        let run = exercise::observe_in_real_time(run());
        let [_, bob] = *run.output();
        let happened = format!("after bob was refused: {}", in_words(bob));
        let likely = "Each statement is committed by itself: the first one stays when the second \
                      one fails.";
        run.require(bob.0 <= 1, happened, "1 sale, which is ada's", likely);
    }

    /// Whether a slip is being printed.
    fn prints() -> bool {
        let recorder = Recorder::current().expect("a run has a recorder");
        let steps = recorder.recording().events.into_iter().map(|event| event.what);
        let mut steps =
            steps.filter(|it| matches!(it, What::StepIn(..) | What::StepOut(_)));
        matches!(steps.next_back(), Some(What::StepIn(..)))
    }

    /// Polls a sale, and drops it while it waits, as soon as `cancels` returns true. Returns whether
    /// the sale has ended, and what is wrong then.
    async fn sell_until(mut cancels: impl FnMut() -> bool) -> (bool, String) {
        let (_folder, shop) = open().await;
        let ended = {
            let mut sale = pin!(sell(&shop, "ada").lane("ada"));
            let polled = poll_fn(|context| match sale.as_mut().poll(context) {
                Poll::Pending if !cancels() => Poll::Pending,
                now => Poll::Ready(now.is_ready()),
            });
            polled.await
        };
        let counts = count(&shop).await;
        let wrong = match counts {
            (1, 0) => String::new(),
            // A transaction that is still open refuses the next sale.
            (0, 1) => match sell(&shop, "bob").await {
                Ok(()) => String::new(),
                Err(error) => format!("the next sale fails: {error}"),
            },
            _ => in_words(counts),
        };
        (ended, wrong)
    }

    #[test]
    fn a_sale_that_is_cancelled_anywhere_leaves_nothing_behind() {
        let run = exercise::observe_in_real_time(async {
            let (_, wrong) = sell_until(prints).await;
            if !wrong.is_empty() {
                return format!("cancelled while the slip was printed: {wrong}");
            }
            for wait in 1.. {
                let mut waits = 0;
                let cancels = || {
                    waits += 1;
                    waits == wait
                };
                let (ended, wrong) = sell_until(cancels).await;
                if !wrong.is_empty() {
                    return format!("cancelled while it waited (wait {wait}): {wrong}");
                }
                if ended {
                    break;
                }
            }
            String::new()
        });
        run.require(
            run.output().is_empty(),
            run.output().clone(),
            "1 sale and no copy, or no sale and 1 copy for the next customer",
            "Code after a cancelled await never runs, so it repairs nothing. The drop of a \
             transaction rolls back: begin with one, or nothing rolls your `BEGIN` back.",
        );
    }
}
