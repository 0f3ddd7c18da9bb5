//! The users are in a SQLite file, and every error of it is either temporary or permanent.
//!
//! SQLite blocks, so sqlx runs each connection on its own thread; a handler only awaits the result.
//! One connection writes at a time, and other writers wait for it.
#![cfg(not(target_family = "wasm"))]

use std::{path::Path, time::Duration};

use sqlx::{
    Connection, SqliteConnection, SqlitePool,
    sqlite::{
        SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous,
    },
};

use super::{
    repository::{Repository, StoreError},
    user::{Invalid, Person, User, UserId},
};

/// Arbitrary: readers do not wait for each other, but a small machine has few cores.
const CONNECTIONS: u32 = 4;

// ANCHOR: sqlite
/// Users in a SQLite database. Clones share one pool.
#[derive(Clone)]
pub(crate) struct Sqlite {
    pool: SqlitePool,
}

impl Sqlite {
    /// Opens the database in this file, and creates the file if it is missing. A call that waits
    /// longer than `timeout`, for a connection or for another writer, fails with `Busy`. A database of
    /// another program, or of another version of this one, is refused and not changed.
    pub(crate) async fn open(file: &Path, timeout: Duration) -> Result<Self, StoreError> {
        let options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(true)
            .busy_timeout(timeout);
        refuse_foreign_tables(&options).await?;
        let options = options
            // With a write-ahead log, readers do not wait for the writer.
            .journal_mode(SqliteJournalMode::Wal)
            // A commit waits until its data is on the disk, so a user that was confirmed with a 201
            // is still there after a power failure.
            .synchronous(SqliteSynchronous::Full);
        let pool = SqlitePoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(timeout)
            // On a full disk SQLite itself rolls back, so the `ROLLBACK` of sqlx fails, and sqlx counts
            // the transaction as open. The next `begin` of this connection would be a savepoint, and
            // its `commit` would report success without a commit: so this connection is closed.
            .after_release(|connection, _| {
                Box::pin(async {
                    // The rollback of a dropped transaction is executed before this.
                    connection.ping().await?;
                    Ok(!connection.is_in_transaction())
                })
            })
            .connect_with(options)
            .await?;
        sqlx::query(TABLE).execute(&pool).await?;
        Ok(Self { pool })
    }

    /// Waits for running queries, and writes the rest of the journal into the file.
    pub(crate) async fn close(&self) {
        self.pool.close().await;
    }
}

impl Repository for Sqlite {
    async fn find(&self, id: UserId) -> Result<Option<User>, StoreError> {
        let query = sqlx::query_as("SELECT id, name, email FROM users WHERE id = ?");
        let row: Option<Row> = query.bind(id.get()).fetch_optional(&self.pool).await?;
        Ok(row.map(user).transpose()?)
    }

    async fn add(&self, person: Person) -> Result<Option<User>, StoreError> {
        // Without a transaction, `fetch_optional` would return the row before SQLite commits it, and
        // the error of a failed commit would be lost.
        let mut transaction = self.pool.begin().await?;
        // One statement checks and inserts. Between two statements, another request could insert
        // the same address.
        let query = sqlx::query_as(
            "INSERT INTO users (name, email) VALUES (?, ?)
             ON CONFLICT (email) DO NOTHING RETURNING id, name, email",
        );
        let query = query.bind(person.name.as_str()).bind(person.email.as_str());
        let row: Option<Row> = query.fetch_optional(&mut *transaction).await?;
        // A row that is no valid user is an error here, and is rolled back.
        let user = row.map(user).transpose()?;
        transaction.commit().await?;
        Ok(user)
    }
}
// ANCHOR_END: sqlite

const TABLE: &str = "CREATE TABLE IF NOT EXISTS users (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    email TEXT NOT NULL UNIQUE COLLATE NOCASE
) STRICT";

/// Fails unless the database is empty, or has the table of this program.
async fn refuse_foreign_tables(options: &SqliteConnectOptions) -> Result<(), StoreError> {
    let mut connection = SqliteConnection::connect_with(options).await?;
    let tables = sqlx::query_scalar("SELECT sql FROM sqlite_schema");
    let tables: Vec<Option<String>> = tables.fetch_all(&mut connection).await?;
    connection.close().await?;
    // SQLite keeps the statement that created a table.
    let ours = TABLE.replace(" IF NOT EXISTS", "");
    if tables.is_empty() || tables.contains(&Some(ours)) {
        Ok(())
    } else {
        Err(StoreError::Broken("the file is a database with other tables".into()))
    }
}

type Row = (i64, String, String);

/// Another program may have written to the file, so a row is checked like a request.
fn user((id, name, email): Row) -> Result<User, Invalid> {
    let person = Person { name: name.try_into()?, email: email.try_into()? };
    Ok(User { id: id.try_into()?, person })
}

impl From<Invalid> for StoreError {
    fn from(error: Invalid) -> Self {
        Self::Broken(error.into())
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        if is_busy(&error) {
            Self::Busy(error.into())
        } else {
            Self::Broken(error.into())
        }
    }
}

fn is_busy(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed => true,
        // SQLITE_BUSY is 5, and is the lowest byte of its extended codes.
        sqlx::Error::Database(error) => error
            .code()
            .and_then(|code| code.parse::<u32>().ok())
            .is_some_and(|code| code & 0xff == 5),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    /// Longer than any machine needs.
    const TIMEOUT: Duration = Duration::from_secs(60);

    async fn store() -> (Sqlite, TempDir) {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Sqlite::open(&folder.path().join("users.db"), TIMEOUT).await;
        (store.expect("a database"), folder)
    }

    async fn first(store: &Sqlite) -> Result<Option<User>, StoreError> {
        store.find(1.try_into()?).await
    }

    #[tokio::test]
    async fn when_another_connection_writes_for_too_long_the_store_is_busy() {
        let (store, folder) = store().await;
        let mut other = store.pool.acquire().await.expect("a connection");
        sqlx::query("BEGIN IMMEDIATE").execute(&mut *other).await.expect("the lock");
        let options =
            SqliteConnectOptions::new().filename(folder.path().join("users.db"));
        let no_wait = options.busy_timeout(Duration::ZERO);
        let pool = SqlitePool::connect_with(no_wait).await.expect("a database");
        let result = Sqlite { pool }.add(Person::example(1)).await;
        assert!(matches!(result, Err(StoreError::Busy(_))), "{result:?}");
    }

    #[tokio::test]
    async fn when_every_connection_is_in_use_for_too_long_the_store_is_busy() {
        let (store, _folder) = store().await;
        let mut in_use = Vec::new();
        for _ in 0..CONNECTIONS {
            in_use.push(store.pool.acquire().await.expect("a free connection"));
        }
        // With the clock paused, the timeout of a minute expires without a real wait.
        tokio::time::pause();
        let result = first(&store).await;
        assert!(matches!(result, Err(StoreError::Busy(_))), "{result:?}");
    }

    #[tokio::test]
    async fn an_invalid_row_is_an_error_and_not_a_missing_user() {
        let (store, _folder) = store().await;
        let insert = "INSERT INTO users (id, name, email) VALUES (1, '', 'no address')";
        sqlx::query(insert).execute(&store.pool).await.expect("SQLite accepts the row");
        let result = first(&store).await;
        assert!(matches!(result, Err(StoreError::Broken(_))), "{result:?}");
    }

    #[tokio::test]
    async fn a_user_whose_commit_fails_is_not_confirmed() {
        let (store, _folder) = store().await;
        // SQLite checks a deferred constraint when it commits, after it has returned the row.
        let table = "DROP TABLE users; CREATE TABLE known (email TEXT PRIMARY KEY);
            CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, email TEXT UNIQUE
                REFERENCES known (email) DEFERRABLE INITIALLY DEFERRED)";
        sqlx::raw_sql(table).execute(&store.pool).await.expect("a stricter table");
        let result = store.add(Person::example(1)).await;
        assert!(matches!(result, Err(StoreError::Broken(_))), "{result:?}");
        assert_eq!(first(&store).await.expect("it answers"), None);
    }

    #[tokio::test]
    async fn a_user_who_would_get_an_invalid_id_is_not_stored() {
        let (store, _folder) = store().await;
        let last =
            "INSERT INTO users (id, name, email) VALUES (4294967295, 'Zoe', 'z@a')";
        sqlx::query(last).execute(&store.pool).await.expect("the last valid id");
        let result = store.add(Person::example(1)).await;
        assert!(matches!(result, Err(StoreError::Broken(_))), "{result:?}");
        let count = sqlx::query_scalar::<_, i64>("SELECT count(*) FROM users");
        let count = count.fetch_one(&store.pool).await.expect("it answers");
        assert_eq!(count, 1, "users in the file");
    }

    #[tokio::test]
    async fn opening_a_file_that_is_no_database_fails() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), "Dear diary, ".repeat(100)).expect("written");
        let opened = Sqlite::open(file.path(), TIMEOUT).await;
        assert!(matches!(opened, Err(StoreError::Broken(_))), "{:?}", opened.err());
    }

    #[tokio::test]
    async fn a_database_with_other_tables_is_refused_and_not_changed() {
        for table in [
            "CREATE TABLE bookmarks (url TEXT)",
            "CREATE TABLE users (login TEXT)",
            "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, email TEXT)",
            "CREATE VIEW users AS SELECT 1 AS id, 'Ann' AS name, 'ann@b' AS email",
        ] {
            let folder = tempfile::tempdir().expect("a folder");
            let file = folder.path().join("other.db");
            let options =
                SqliteConnectOptions::new().filename(&file).create_if_missing(true);
            let other = SqliteConnection::connect_with(&options);
            let mut other = other.await.expect("a database");
            sqlx::raw_sql(table).execute(&mut other).await.expect("a table");
            other.close().await.expect("closed");
            let before = std::fs::read(&file).expect("it is there");
            let opened = Sqlite::open(&file, TIMEOUT).await;
            assert!(matches!(opened, Err(StoreError::Broken(_))), "{:?}", opened.err());
            assert!(before == std::fs::read(&file).expect("it is there"), "{table}");
        }
    }
}
