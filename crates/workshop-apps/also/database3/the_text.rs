//! The text itself serves as the version, and `RETURNING` reports whether a row was changed.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};

use async_kit::{Lane, Millis, exercise, say};
use sqlx::{SqlitePool, query_as, query_scalar, raw_sql, sqlite::SqlitePoolOptions};
use tokio::{sync::Barrier, time::timeout, try_join};

async fn add(house: &House, item: &str) -> sqlx::Result<()> {
    let mut text: String =
        query_scalar("SELECT text FROM list").fetch_one(&house.pool).await?;
    loop {
        let longer = house.think(&text, item).await;
        let save = "UPDATE list SET text = $1 WHERE text = $2 RETURNING text";
        let saved = query_scalar::<_, String>(save).bind(&longer).bind(&text);
        // Not `fetch_optional`, which returns the row before the change is committed.
        if !saved.fetch_all(&house.pool).await?.is_empty() {
            say!("has saved {longer:?}");
            return Ok(());
        }
        text = query_scalar("SELECT text FROM list").fetch_one(&house.pool).await?;
    }
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
