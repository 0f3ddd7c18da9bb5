//! A transaction whose commit failed is looked up after a reconnect, because it may be stored after all.
//!
//! Each transaction increments a number in the file. If a commit fails, this connection is closed, and a
//! new one reads the number: the transaction is stored exactly if the number is the new one. Until that
//! is known, nothing more is written.
#![cfg(not(target_family = "wasm"))]

mod load;
mod open;
mod record;

use std::path::PathBuf;

use sqlx::{
    Connection, SqliteConnection, query, query_scalar, sqlite::SqliteConnectOptions,
};

use super::{change::Change, failure::Failure};

/// What several queues and logs have stored, in a file that only this process has open.
pub(super) struct Journal {
    path: PathBuf,
    options: SqliteConnectOptions,
    /// `None` after an error.
    connection: Option<SqliteConnection>,
    /// The number of the last transaction that the queues in memory contain.
    commits: i64,
}

impl Journal {
    // ANCHOR: commit
    /// Stores changes in one transaction: all of them or none.
    pub(super) async fn commit(&mut self, changes: &[Change]) -> Result<(), Failure> {
        if changes.is_empty() {
            return Ok(());
        }
        let number = self.commits + 1;
        let mut connection = self.connect().await?;
        let error = match store(&mut connection, number, changes).await {
            Ok(()) => {
                self.connection = Some(connection);
                self.commits = number;
                return Ok(());
            }
            Err(error) => error,
        };
        // After some errors SQLite itself has rolled back, and sqlx does not know it.
        let _ = connection.close().await;
        match self.stored_commits().await {
            Ok(stored) if stored == number => {
                self.commits = number;
                Ok(())
            }
            Ok(stored) if stored + 1 == number => Err(self.failure(&error)),
            Ok(_) => Err(self.refuse()),
            Err(_) => Err(Failure::Unknown(self.describe(&error))),
        }
    }
    // ANCHOR_END: commit

    /// Takes the connection. If an earlier error has closed it, connects again.
    async fn connect(&mut self) -> Result<SqliteConnection, Failure> {
        if self.connection.is_none() {
            let stored = self.stored_commits().await.map_err(|e| self.failure(&e))?;
            if stored != self.commits {
                return Err(self.refuse());
            }
        }
        Ok(self.connection.take().expect("it is connected"))
    }

    /// Writes nothing more: the file has changes that are not in the queues in memory.
    fn refuse(&mut self) -> Failure {
        self.connection = None;
        let path = self.path.display();
        let why = format!("{path} has changes that this process does not have");
        Failure::NotStored(why + ": open the folder again")
    }

    /// Connects, and reads the number of the last transaction.
    async fn stored_commits(&mut self) -> sqlx::Result<i64> {
        let mut connection = SqliteConnection::connect_with(&self.options).await?;
        let stored = commits(&mut connection).await?;
        self.connection = Some(connection);
        Ok(stored)
    }

    fn failure(&self, error: &sqlx::Error) -> Failure {
        match code(error) {
            Some(SQLITE_FULL) => Failure::DiskFull,
            _ => Failure::NotStored(self.describe(error)),
        }
    }

    fn describe(&self, error: &sqlx::Error) -> String {
        format!("{}: {}", self.path.display(), message(error))
    }

    /// Closes the file, so that another process can open it.
    pub(super) async fn close(self) {
        if let Some(connection) = self.connection {
            // Everything is committed.
            let _ = connection.close().await;
        }
    }
}

async fn store(
    connection: &mut SqliteConnection,
    number: i64,
    changes: &[Change],
) -> sqlx::Result<()> {
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    record::record(&mut transaction, changes).await?;
    let count = query("UPDATE commits SET number = ?").bind(number);
    count.execute(&mut *transaction).await?;
    transaction.commit().await
}

async fn commits(connection: &mut SqliteConnection) -> sqlx::Result<i64> {
    query_scalar("SELECT number FROM commits").fetch_one(connection).await
}

const SQLITE_BUSY: i32 = 5;
const SQLITE_FULL: i32 = 13;
const SQLITE_NOTADB: i32 = 26;

/// The primary code of an error of SQLite, without what its extended code adds.
fn code(error: &sqlx::Error) -> Option<i32> {
    let code: i32 = error.as_database_error()?.code()?.parse().ok()?;
    Some(code & 0xff)
}

/// The text of an error of SQLite, without its number.
fn message(error: &sqlx::Error) -> String {
    let database = error.as_database_error();
    database.map_or_else(|| error.to_string(), |error| error.message().to_owned())
}

/// What a test needs to make a commit fail.
#[cfg(test)]
impl Journal {
    pub(super) fn commits(&self) -> i64 {
        self.commits
    }

    pub(super) fn forget_last_commit(&mut self) {
        self.commits -= 1;
    }

    pub(super) async fn count(&mut self, sql: &'static str) -> i64 {
        let connection = self.connection.as_mut().expect("it is open");
        query_scalar(sql).fetch_one(connection).await.expect("valid SQL")
    }

    pub(super) async fn execute(&mut self, sql: &'static str) {
        let connection = self.connection.as_mut().expect("it is open");
        sqlx::raw_sql(sql).execute(connection).await.expect("valid SQL");
    }
}
