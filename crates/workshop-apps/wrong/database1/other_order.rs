//! The statement that may fail comes first, and a cancelled sale still leaves half of itself.
//! message: cancelled while the slip was printed: 0 sales, 0 copies

use async_kit::{Lane, Millis, exercise, say};
use sqlx::{
    SqlitePool, query, query_as, raw_sql,
    sqlite::{SqliteConnectOptions, SqlitePoolOptions, SqliteSynchronous},
};
use tempfile::TempDir;
use tokio::time::sleep;

async fn sell(shop: &SqlitePool, customer: &str) -> sqlx::Result<()> {
    query("UPDATE shelf SET copies = copies - 1").execute(shop).await?;
    print_slip().await;
    query("INSERT INTO sales (customer) VALUES ($1)")
        .bind(customer)
        .execute(shop)
        .await?;
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
