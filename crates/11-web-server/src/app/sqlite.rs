//! The users live in a file, and whatever goes wrong with it is either a matter of time or a bug.
//!
//! SQLite blocks, so sqlx gives each connection a thread of its own; for the handler it is an
//! await like any other. One connection writes at a time, the others wait for it.

use std::{path::Path, time::Duration};

use sqlx::{
    SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions},
};

use super::{
    repository::{Repository, StoreError},
    user::{Invalid, Person, User, UserId},
};

/// Arbitrary: readers do not wait for each other, and a small machine has few cores.
const CONNECTIONS: u32 = 4;

// ANCHOR: sqlite
/// Users in a SQLite database. A clone is the same one.
#[derive(Clone)]
pub(crate) struct Sqlite {
    pool: SqlitePool,
}

impl Sqlite {
    /// Opens the database in this file, and makes it if there is none. A call that waits longer
    /// than `patience`, for a connection or for another writer, finds the store busy.
    pub(crate) async fn open(
        file: &Path,
        patience: Duration,
    ) -> Result<Self, StoreError> {
        let options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(true)
            // Readers need not wait for the writer.
            .journal_mode(SqliteJournalMode::Wal)
            .busy_timeout(patience);
        let pool = SqlitePoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(patience)
            .connect_with(options)
            .await?;
        sqlx::query(TABLE).execute(&pool).await?;
        Ok(Self { pool })
    }

    /// Ends what is under way, and writes the rest of the journal into the file.
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
        // Looked up and added in one statement: between two, another request could come first.
        let query = sqlx::query_as(
            "INSERT INTO users (name, email) VALUES (?, ?)
             ON CONFLICT (email) DO NOTHING RETURNING id, name, email",
        );
        let query = query.bind(person.name.as_str()).bind(person.email.as_str());
        let row: Option<Row> = query.fetch_optional(&self.pool).await?;
        Ok(row.map(user).transpose()?)
    }
}
// ANCHOR_END: sqlite

const TABLE: &str = "CREATE TABLE IF NOT EXISTS users (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    email TEXT NOT NULL UNIQUE COLLATE NOCASE
) STRICT";

type Row = (i64, String, String);

/// What somebody else has written into the file is checked like what comes over the network.
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
        // SQLITE_BUSY and its extended codes, of which it is the lowest byte.
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

    /// Far beyond what any machine needs.
    const PATIENT: Duration = Duration::from_secs(60);

    async fn store() -> (Sqlite, TempDir) {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Sqlite::open(&folder.path().join("users.db"), PATIENT).await;
        (store.expect("a database"), folder)
    }

    async fn first(store: &Sqlite) -> Result<Option<User>, StoreError> {
        store.find(1.try_into()?).await
    }

    #[tokio::test]
    async fn when_somebody_else_writes_for_too_long_the_store_is_busy() {
        let (store, folder) = store().await;
        let mut other = store.pool.acquire().await.expect("a connection");
        sqlx::query("BEGIN IMMEDIATE").execute(&mut *other).await.expect("the lock");
        let options =
            SqliteConnectOptions::new().filename(folder.path().join("users.db"));
        let impatient = options.busy_timeout(Duration::ZERO);
        let pool = SqlitePool::connect_with(impatient).await.expect("a database");
        let answer = Sqlite { pool }.add(Person::example(1)).await;
        assert!(matches!(answer, Err(StoreError::Busy(_))), "{answer:?}");
    }

    #[tokio::test]
    async fn when_every_connection_is_lent_for_too_long_the_store_is_busy() {
        let (store, _folder) = store().await;
        let mut lent = Vec::new();
        for _ in 0..CONNECTIONS {
            lent.push(store.pool.acquire().await.expect("there are enough"));
        }
        // From here on a minute takes no time.
        tokio::time::pause();
        let answer = first(&store).await;
        assert!(matches!(answer, Err(StoreError::Busy(_))), "{answer:?}");
    }

    #[tokio::test]
    async fn a_row_that_is_no_user_is_broken_and_not_missing() {
        let (store, _folder) = store().await;
        let insert = "INSERT INTO users (id, name, email) VALUES (1, '', 'nobody')";
        sqlx::query(insert).execute(&store.pool).await.expect("SQLite takes it");
        let answer = first(&store).await;
        assert!(matches!(answer, Err(StoreError::Broken(_))), "{answer:?}");
    }

    #[tokio::test]
    async fn a_file_that_is_no_database_is_refused_when_it_is_opened() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), "Dear diary, ".repeat(100)).expect("written");
        let opened = Sqlite::open(file.path(), PATIENT).await;
        assert!(matches!(opened, Err(StoreError::Broken(_))), "{:?}", opened.err());
    }
}
