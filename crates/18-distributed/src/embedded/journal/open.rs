//! Only one process at a time has a journal open: SQLite holds its lock until the process ends.

use std::{fs, path::Path, time::Duration};

use sqlx::{
    Connection, SqliteConnection, query_scalar, raw_sql,
    sqlite::{
        SqliteConnectOptions, SqliteJournalMode, SqliteLockingMode, SqliteSynchronous,
    },
};

use super::{Journal, SQLITE_BUSY, SQLITE_NOTADB, code, commits, message};
use crate::{BrokerError, embedded::change::Seq};

const FILE_NAME: &str = "queues.db";

/// How long a process waits for another one that is about to end. Arbitrary: longer than the end of a
/// process takes, and short enough for an error that a user waits for.
const LOCK_TIMEOUT: Duration = Duration::from_secs(1);

/// Written to `user_version`. A file without a version is a new one.
const FORMAT: i64 = 1;

const TABLES: &str = "
    CREATE TABLE commits (number INTEGER NOT NULL);
    INSERT INTO commits VALUES (0);
    CREATE TABLE messages (
        -- A number is never used again, so an old token cannot settle a new message.
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        queue TEXT NOT NULL, id TEXT, key TEXT, body BLOB NOT NULL,
        deliveries INTEGER NOT NULL
    );
    CREATE INDEX messages_by_queue ON messages (queue, seq);
    CREATE TABLE ids (
        queue TEXT NOT NULL, id TEXT NOT NULL,
        -- In milliseconds since 1970.
        until INTEGER NOT NULL,
        PRIMARY KEY (queue, id)
    ) WITHOUT ROWID;
    CREATE INDEX ids_by_time ON ids (until);
    CREATE TABLE dead_letters (
        number INTEGER PRIMARY KEY,
        queue TEXT NOT NULL, id TEXT, key TEXT, body BLOB NOT NULL
    );
    CREATE TABLE entries (
        log TEXT NOT NULL, number INTEGER NOT NULL, body BLOB NOT NULL,
        PRIMARY KEY (log, number)
    );
    PRAGMA user_version = 1;";

impl Journal {
    /// Opens the journal of a folder, which is created if it does not exist.
    pub(in crate::embedded) async fn open(folder: &Path) -> Result<Self, BrokerError> {
        Self::open_with(folder, |options| options).await
    }

    pub(in crate::embedded) async fn open_with(
        folder: &Path,
        configure: impl FnOnce(SqliteConnectOptions) -> SqliteConnectOptions,
    ) -> Result<Self, BrokerError> {
        let cannot_open = |path: &Path, why: &str| {
            BrokerError::Connection(format!("cannot open {}: {why}", path.display()))
        };
        // Absolute, because SQLite takes a name that begins with `file:` for a URL.
        let folder = fs::create_dir_all(folder)
            .and_then(|()| folder.canonicalize())
            .map_err(|error| cannot_open(folder, &error.to_string()))?;
        let path = folder.join(FILE_NAME);
        let options = configure(options(&path));
        let opened = connect_and_create(&options).await;
        let (connection, format, commits) =
            opened.map_err(|error| cannot_open(&path, &reason(&error)))?;
        if format != FORMAT {
            return Err(cannot_open(&path, "another version of this program wrote it"));
        }
        Ok(Self { path, options, connection: Some(connection), commits })
    }

    /// The number after the highest that a message ever had.
    pub(in crate::embedded) async fn next_seq(&mut self) -> Result<Seq, BrokerError> {
        let highest = "SELECT coalesce(max(seq), 0) FROM sqlite_sequence";
        let mut connection = self.connect().await?;
        let highest = query_scalar::<_, i64>(highest).fetch_one(&mut connection).await;
        self.connection = Some(connection);
        let highest = highest.map_err(|error| self.failure(&error))?;
        Ok(highest.cast_unsigned() + 1)
    }
}

fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .locking_mode(SqliteLockingMode::Exclusive)
        .journal_mode(SqliteJournalMode::Wal)
        // Commits do not wait for the disk. What is committed survives the end of every process; after
        // a power failure the last commits may be lost, but the file is not corrupt.
        .synchronous(SqliteSynchronous::Normal)
        .busy_timeout(LOCK_TIMEOUT)
}

/// Returns the connection, the format of the file, and the number of its last transaction.
async fn connect_and_create(
    options: &SqliteConnectOptions,
) -> sqlx::Result<(SqliteConnection, i64, i64)> {
    let mut connection = SqliteConnection::connect_with(options).await?;
    let version = "PRAGMA user_version";
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    let mut format: i64 = query_scalar(version).fetch_one(&mut *transaction).await?;
    if format == 0 {
        raw_sql(TABLES).execute(&mut *transaction).await?;
        format = FORMAT;
    }
    transaction.commit().await?;
    if format != FORMAT {
        return Ok((connection, format, 0));
    }
    let commits = commits(&mut connection).await?;
    Ok((connection, format, commits))
}

fn reason(error: &sqlx::Error) -> String {
    match code(error) {
        Some(SQLITE_BUSY) => {
            "another process uses this folder: stop it, or use another folder, or a server"
                .to_owned()
        }
        Some(SQLITE_NOTADB) => "it is not a journal of queues".to_owned(),
        _ => message(error),
    }
}
