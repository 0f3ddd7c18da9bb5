//! A table in PostgreSQL is a queue: two workers never claim the same row at the same time.

mod cleanup;
mod database;
mod failure;
mod log;
mod publish;
mod queue;
mod settle;
mod wakeups;

use std::{fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection, PgConnection, postgres::PgConnectOptions,
    query_scalar, raw_sql,
};
use tokio::time::timeout;
use tokio_util::task::AbortOnDropHandle;

use self::{
    cleanup::Cleanup,
    database::{Database, Repeatable},
    failure::Failure,
    log::PostgresLog,
    queue::PostgresQueue,
    wakeups::Wakeups,
};
use crate::{
    Broker, BrokerError, Form, Log, Queue, Settings,
    broker::{check_name, check_queue},
    location::is_postgres,
};

/// For how long [`Postgres::open`] tries to connect. Without a limit, an address at which no machine
/// answers would make it wait for minutes.
const CONNECT: Duration = Duration::from_secs(5);

/// The queues and logs in one schema of a PostgreSQL server, which several processes share.
///
/// All times are those of the server's clock, so the clocks of the processes do not have to agree.
///
/// A message is stored when its transaction is committed. It survives a `kill -9` of every process, the
/// server's included. Whether it also survives a power failure depends on the server's settings `fsync`
/// and `synchronous_commit`, both on by default.
///
/// If the server does not answer, an operation waits up to 10 s for it, and is repeated if that does no
/// harm. [`PublishError::Unknown`](crate::PublishError::Unknown) is the case that is not repeated.
///
/// A process has at most 4 connections for its statements, however many workers wait, and one that
/// listens for notifications. `LISTEN` needs its own session. Behind a pooler that changes the session with
/// each transaction, no notification arrives, and a worker finds a new message only when it asks again, once
/// a second.
pub struct Postgres {
    shared: Arc<Shared>,
    space: String,
}

/// What the queues keep of the broker.
struct Shared {
    database: Database,
    cleanup: Cleanup,
    wakeups: Arc<Wakeups>,
    _listener: AbortOnDropHandle<()>,
}

impl Postgres {
    /// Connects to the server at `url`, such as `postgres://ann@db/shop`, and creates the schema `space`
    /// if it does not exist. A space is named like a queue. Several processes may do it at the same time.
    ///
    /// # Errors
    ///
    /// [`BrokerError::Name`] if a schema cannot have this name, [`BrokerError::Connection`] if there is no
    /// server within 5 s or it refuses the user, [`BrokerError::Server`] if the user may not create a schema.
    ///
    /// # Panics
    ///
    /// Panics outside a Tokio runtime. The runtime needs time and I/O enabled.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: an empty schema that was created by then remains.
    pub async fn open(url: &str, space: &str) -> Result<Arc<Self>, BrokerError> {
        check_name(space)?;
        let options = parse(url.trim())?;
        let options = options.options([("search_path", format!("\"{space}\""))]);
        connect(&options, space).await?;

        let wakeups = Arc::new(Wakeups::default());
        let listener = wakeups.clone().listen(options.clone(), space.to_owned());
        let shared = Shared {
            database: Database::new(&options),
            cleanup: Cleanup::default(),
            wakeups,
            _listener: AbortOnDropHandle::new(tokio::spawn(listener)),
        };
        Ok(Arc::new(Self { shared: Arc::new(shared), space: space.to_owned() }))
    }
}

/// The error of the parser may repeat a part of the address, and this part may be the password.
fn parse(url: &str) -> Result<PgConnectOptions, BrokerError> {
    let invalid = || {
        BrokerError::Connection("DATABASE_URL is not a valid postgres:// URL".to_owned())
    };
    // The parser accepts any scheme.
    if !is_postgres(url) {
        return Err(invalid());
    }
    url.parse().map_err(|_| invalid())
}

/// Connects once: unlike a later statement, it does not wait for a server that restarts, so that a wrong
/// address is reported soon.
async fn connect(options: &PgConnectOptions, space: &str) -> Result<(), Failure> {
    let server = failure::server_name(options);
    let connect = async {
        let mut connection = options.connect().await?;
        create(&mut connection, space).await?;
        connection.close().await
    };
    match timeout(CONNECT, connect).await {
        Ok(connected) => connected.map_err(|error| Failure::of(&error, &server)),
        Err(_elapsed) => Err(Failure::no_answer(&server, CONNECT)),
    }
}

/// Creates the schema, unless it is there.
async fn create(connection: &mut PgConnection, space: &str) -> sqlx::Result<()> {
    // Everything is created in one transaction, so if one table is there, all is there.
    let exists = query_scalar("SELECT to_regclass('entry') IS NOT NULL");
    if exists.fetch_one(&mut *connection).await? {
        return Ok(());
    }
    // The statements of one message are one transaction. `IF NOT EXISTS` does not help if two transactions
    // create the same table at the same time: the second fails. So it waits here until the first has ended.
    let create = format!(
        "SET LOCAL client_min_messages = warning;
        SELECT pg_advisory_xact_lock(hashtextextended('{space}', 0));
        CREATE SCHEMA IF NOT EXISTS \"{space}\";
        {}{}{}{}",
        include_str!("postgres/schema.sql"),
        include_str!("postgres/claim.sql"),
        include_str!("postgres/publish.sql"),
        include_str!("postgres/settle.sql"),
    );
    raw_sql(AssertSqlSafe(create)).execute(connection).await.map(drop)
}

#[async_trait]
impl Broker for Postgres {
    fn form(&self) -> Form {
        Form::Postgres
    }

    async fn queue(
        &self,
        name: &str,
        settings: Settings,
    ) -> Result<Arc<dyn Queue>, BrokerError> {
        check_queue(name, &settings)?;
        let partitions = int(settings.partitions);
        let id = self.shared.database.execute(Repeatable::Yes, async |mut connection| {
            create(&mut connection, &self.space).await?;
            let open = query_scalar(OPEN_QUEUE).bind(name).bind(partitions);
            open.fetch_one(&mut *connection).await
        });
        Ok(PostgresQueue::new(self.shared.clone(), id.await?, settings))
    }

    async fn log(&self, name: &str) -> Result<Arc<dyn Log>, BrokerError> {
        check_name(name)?;
        let created =
            self.shared.database.execute(Repeatable::Yes, async |mut connection| {
                create(&mut connection, &self.space).await
            });
        created.await?;
        let database = self.shared.database.clone();
        Ok(Arc::new(PostgresLog { database, name: name.to_owned() }))
    }

    async fn remove(&self) -> Result<(), BrokerError> {
        let remove = format!("DROP SCHEMA IF EXISTS \"{}\" CASCADE", self.space);
        let removed =
            self.shared.database.execute(Repeatable::Yes, async |mut connection| {
                raw_sql(AssertSqlSafe(remove.clone())).execute(&mut *connection).await
            });
        Ok(removed.await.map(drop)?)
    }
}

/// A room of 0 is always right: the next statement counts. So it may be opened with other limits than before.
const OPEN_QUEUE: &str = "
    WITH opened AS (
        INSERT INTO queue (name) VALUES ($1) ON CONFLICT (name) DO UPDATE SET room = 0 RETURNING id
    ), divided AS (
        INSERT INTO partition (queue, number)
        SELECT id, number FROM opened, generate_series(0, $2 - 1) AS number
        ON CONFLICT (queue, number) DO UPDATE SET room = 0
    )
    SELECT id FROM opened";

impl fmt::Debug for Postgres {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Postgres").field("space", &self.space).finish_non_exhaustive()
    }
}

/// A number for PostgreSQL's `int`. Nothing here comes near its largest one.
fn int(number: usize) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}
