//! database3 · 15 minutes · save a shared list without losing what others saved
//!
//! Three people add to the shopping list of their house. Each reads the list, thinks, and writes it back
//! with one more item. All of them read the same list, and so the last one overwrites the others.
//!
//! Change `add`: in the end, every item is on the list. No person may wait while another one thinks. The
//! row has a version, which `add` does not use so far.
//!
//! Section: `cargo run -p database -- version`. Code: crates/13-database/src/version.rs.
//! Page: docs/src/13-database.md.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};

use async_kit::{Lane, Millis, exercise, say};
use sqlx::{SqlitePool, query, query_as, raw_sql, sqlite::SqlitePoolOptions};
use tokio::{sync::Barrier, time::timeout, try_join};

// TODO: write only if the list is still the one that was read.
async fn add(house: &House, item: &str) -> sqlx::Result<()> {
    let (text, version): (String, i64) =
        query_as("SELECT text, version FROM list").fetch_one(&house.pool).await?;
    say!("reads {text:?}, version {version}");
    let longer = house.think(&text, item).await;
    query("UPDATE list SET text = $1").bind(&longer).execute(&house.pool).await?;
    say!("has saved {longer:?}");
    Ok(())
}

// The code below is given. Do not change it.

struct House {
    pool: SqlitePool,
    all_have_read: Barrier,
    thoughts: AtomicUsize,
    waits_for_another: AtomicBool,
}

impl House {
    /// Returns this text and the item. Each of the first three thoughts ends when all three have begun.
    async fn think(&self, text: &str, item: &str) -> String {
        if self.thoughts.fetch_add(1, SeqCst) < 3 {
            let all = timeout(3.secs(), self.all_have_read.wait()).step("thinking").await;
            self.waits_for_another.fetch_or(all.is_err(), SeqCst);
        }
        format!("{text}, {item}")
    }
}

async fn open() -> SqlitePool {
    let one = SqlitePoolOptions::new().max_connections(1).acquire_timeout(10.secs());
    let pool = one.connect("sqlite::memory:").await.expect("a database");
    let table = "CREATE TABLE list (text TEXT NOT NULL, version INTEGER NOT NULL);
        INSERT INTO list VALUES ('rice', 1);";
    raw_sql(table).execute(&pool).await.expect("a new table");
    pool
}

/// Returns the list in the end, sorted, its version, and whether one of the three had to wait until
/// another one had thought.
async fn run() -> (Vec<String>, i64, bool) {
    let house = House {
        pool: open().await,
        all_have_read: Barrier::new(3),
        thoughts: AtomicUsize::new(0),
        waits_for_another: AtomicBool::new(false),
    };
    try_join!(
        add(&house, "milk").lane("ada"),
        add(&house, "soap").lane("bob"),
        add(&house, "tea").lane("cid"),
    )
    .expect("no query fails");
    let row = query_as("SELECT text, version FROM list").fetch_one(&house.pool).await;
    let (text, version): (String, i64) = row.expect("no query fails");
    let mut items: Vec<_> = text.split(", ").map(str::to_owned).collect();
    items.sort();
    (items, version, house.waits_for_another.load(SeqCst))
}

fn main() {
    exercise::show_in_real_time(run());
}

#[cfg(test)]
mod tests {
    use async_kit::exercise;

    use super::run;

    #[test]
    fn no_person_waits_while_another_one_thinks() {
        let run = exercise::observe_in_real_time(run());
        let (_, _, waits) = run.output();
        run.require(
            !waits,
            "one of the three could not read the list while another one thought",
            "all three read it, and think at the same time",
            "A transaction or a lock that is held while a person thinks makes all others wait. Read, \
             let it go, and check the version when you write.",
        );
    }

    #[test]
    fn no_item_is_lost() {
        let run = exercise::observe_in_real_time(run());
        let (items, version, _) = run.output();
        let added = items.len() as i64 - 1;
        let likely = match version - 1 {
            _ if added > 3 => "An item is saved once, by the write that is not refused.",
            0 => {
                "A write that is based on an old list overwrites the newer one. How can the `UPDATE` \
                 itself notice that the row has changed?"
            }
            saved if saved == added => {
                "An `UPDATE` that finds no row to change succeeds too. What does its result report, \
                 and what becomes of the item then?"
            }
            _ => {
                "The version rises, and yet a write has replaced a newer list. Another person may \
                 save between a `SELECT` that checks the version and the `UPDATE`."
            }
        };
        let all = ["milk", "rice", "soap", "tea"];
        run.require(
            *items == all,
            format!("the list is {items:?}, with version {version}"),
            format!("{all:?}"),
            likely,
        );
    }
}
